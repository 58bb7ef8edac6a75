// The small files that are read at the start: the watermark, the file of a key-encryption key, the file of a signing
// key; and keys as they are kept. Promised: only a file that is right as a whole is taken; what is read is written and
// read again as it was; no refusal shows what the file held.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"
#include "eventstore/signing_key_file.h"
#include "eventstore/watermark.h"
#include "services/vault.h"
#include "tests/fuzz/fuzz_input.h"

// In place of the system's: nothing here outlives the process, and a flush takes as long as a thousand inputs.
extern "C" int fsync(int) { return 0; }

namespace {

using fuzz::Require;

// A directory of this process, gone with it.
class Scratch {
 public:
  Scratch() {
    const char* const parent = std::getenv("TMPDIR");
    path_ = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/fuzz-XXXXXX");
    Require(mkdtemp(path_.data()) != nullptr, "there is a place for files");
  }
  ~Scratch() {
    for (const char* const name : {"watermark", "watermark.new", "key"}) unlink(absl::StrCat(path_, "/", name).c_str());
    rmdir(path_.c_str());
  }
  const std::string& path() const { return path_; }

  std::string Write(absl::string_view name, absl::string_view content) const {
    const std::string path = absl::StrCat(path_, "/", name);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    Require(file >= 0 && write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
            "files can be written");
    close(file);
    return path;
  }

 private:
  std::string path_;
};

const Scratch& Place() {
  static const Scratch scratch;
  return scratch;
}

void RequireSame(const std::vector<eventstore::Watermark>& a, const std::vector<eventstore::Watermark>& b) {
  Require(std::equal(a.begin(), a.end(), b.begin(), b.end(),
                     [](const eventstore::Watermark& one, const eventstore::Watermark& other) {
                       return one.checkpoint == other.checkpoint && one.time == other.time;
                     }),
          "marks are read as they were written");
}

void ReadWatermark(absl::string_view text) {
  Place().Write("watermark", text);
  absl::StatusOr<eventstore::WatermarkFile> file = eventstore::WatermarkFile::Open(Place().path());
  if (!file.ok()) return fuzz::RequireModest(file.status());
  const auto ascend = [](const eventstore::Watermark& a, const eventstore::Watermark& b) {
    return a.checkpoint.size < b.checkpoint.size;
  };
  Require(std::is_sorted(file->marks().begin(), file->marks().end(), ascend), "the sizes of marks ascend");
  eventstore::Watermark next = file->Newest().value_or(eventstore::Watermark());
  if (next.checkpoint.size == UINT64_MAX) return;
  ++next.checkpoint.size;
  Require(file->Add(next).ok(), "a larger mark can be added");
  Require(file->marks().size() <= eventstore::WatermarkFile::kMarksKept, "no more marks are kept than are said");
  const absl::StatusOr<eventstore::WatermarkFile> again = eventstore::WatermarkFile::Open(Place().path());
  Require(again.ok(), "what is written can be read");
  RequireSame(again->marks(), file->marks());
}

void RequireSilent(const absl::Status& status, absl::string_view content) {
  fuzz::RequireModest(status);
  // What refusals say by themselves is plain ASCII.
  const absl::string_view piece = content.substr(0, 16);
  if (std::any_of(piece.begin(), piece.end(), [](char c) { return c < ' ' || c > '~'; })) {
    Require(!absl::StrContains(status.message(), piece), "no refusal shows the file");
  }
}

void ReadKeyFile(absl::string_view content) {
  const auto key = services::ReadKeyFile(Place().Write("key", content));
  const absl::string_view digits = absl::StripAsciiWhitespace(content);
  const bool hexadecimal = digits.size() == 64 && std::all_of(digits.begin(), digits.end(), [](char c) {
                             return absl::ascii_isxdigit(static_cast<unsigned char>(c));
                           });
  if (key.ok()) Require(content.size() == 32 || hexadecimal, "a file that holds more than a key holds none");
  if (content.size() == 32) Require(key.ok() && (*key)->bytes() == content, "32 bytes are a key");
  RequireSilent(key.status(), content);
}

void ReadSigningKeyFile(absl::string_view content) {
  const auto key = eventstore::ReadSigningKeyFile(Place().Write("key", content));
  const absl::string_view text = absl::StripAsciiWhitespace(content);
  if (key.ok()) Require(key->Text() == text, "a signing key is what its file says");
  RequireSilent(key.status(), text);
}

void ReadKeptKey(fuzz::Input& input) {
  const auto key = services::SecretKey::Of(std::string(32, static_cast<char>(input.Byte())));
  const auto kek = services::SecretKey::Of(std::string(32, static_cast<char>(input.Byte())));
  const std::string id(input.Text());
  const services::SecretKey* const wrapping = input.Pick(2) == 0 ? nullptr : kek.get();
  const absl::StatusOr<std::string> kept = services::WrapKey(*key, id, wrapping);
  Require(kept.ok() && services::IsWrapped(*kept) == (wrapping != nullptr), "a key can be kept");
  const auto returned = services::UnwrapKey(*kept, id, wrapping);
  Require(returned != nullptr && returned->bytes() == key->bytes(), "a key is read as it was kept");
  const fuzz::ExactCopy other(input.Rest());
  Require(services::UnwrapKey(other.view(), id, wrapping) == nullptr || services::IsWrapped(other.view()).has_value(),
          "only what may be a key is one");
  const auto nonce = other.view().substr(0, 12);
  services::Unseal(*key, id, {"alpha", 1, "note"}, nonce, other.view().substr(nonce.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(5)) {
    case 0:
      ReadWatermark(input.Rest());
      break;
    case 1: {
      // With the checksum that is right, which no fuzzer finds.
      const std::string text = absl::StrCat("watermark/1\n", input.Rest());
      ReadWatermark(absl::StrCat(text, "sha256 ", eventstore::Sha256Hex(text), "\n"));
      break;
    }
    case 2:
      ReadKeyFile(input.Rest());
      break;
    case 3:
      ReadSigningKeyFile(input.Rest());
      break;
    case 4:
      ReadKeptKey(input);
      break;
  }
  return 0;
}
