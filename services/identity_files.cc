#include "services/identity_files.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/durable_file.h"
#include "eventstore/sha256.h"
#include "services/identity/certificates.h"
#include "services/identity/permissions.h"
#include "services/identity/token_keys.h"
#include "services/log.h"
#include "services/vault.h"

namespace services {
namespace {

constexpr size_t kFileBytesMax = 8 << 20;

// In memory where there is such a file system: the key need not come to another disk.
constexpr const char* kStagingParents[] = {"/dev/shm", "/tmp"};

constexpr absl::string_view kStagingPrefix = "trustd-";

// As the standing names them.
constexpr char kCertificate[] = "certificate", kAuthorities[] = "authorities", kRevocations[] = "revocations",
               kPermissions[] = "permissions", kTokenKeys[] = "token_keys";

// Takes away what servers of this user left that were killed: its name says which process it was of.
void RemoveDeserted(const char* parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    struct stat attributes = {};
    int process = 0;
    if (!absl::StartsWith(name, kStagingPrefix) || lstat(entry.path().c_str(), &attributes) != 0) continue;
    const std::string rest = name.substr(kStagingPrefix.size());
    if (!S_ISDIR(attributes.st_mode) || attributes.st_uid != geteuid()) continue;
    if (!absl::SimpleAtoi(rest.substr(0, rest.find('-')), &process) || process <= 0) continue;
    if (kill(process, 0) == 0 || errno != ESRCH) continue;
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

absl::Status Wrong(absl::string_view flag, const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", path, ": ", what));
}

absl::StatusOr<std::string> Read(absl::string_view flag, const std::string& path, bool secret = false) {
  struct stat attributes = {};
  if (stat(path.c_str(), &attributes) != 0) {
    if (errno != ENOENT) return Wrong(flag, path, absl::StrCat("cannot be read: ", std::strerror(errno)));
    std::error_code ignored;
    const bool relative = std::filesystem::path(path).is_relative();
    return Wrong(flag, path,
                 relative
                     ? absl::StrCat("there is no such file below ", std::filesystem::current_path(ignored).string())
                     : "there is no such file");
  }
  if (!S_ISREG(attributes.st_mode)) return Wrong(flag, path, "is no file");
  if (attributes.st_size > static_cast<off_t>(kFileBytesMax)) return Wrong(flag, path, "is larger than 8 MiB");
  if (secret && (attributes.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Wrong(flag, path, "can be used by others than its owner; take their rights away with chmod 600");
  }
  absl::StatusOr<std::string> content = eventstore::ReadWholeFile(path);
  if (!content.ok()) {
    return Wrong(flag, path,
                 absl::StrCat(content.status().message(), "; the user that trustd runs as, of id ", geteuid(),
                              ", must be able to read it"));
  }
  return content;
}

}  // namespace

IdentityFiles::IdentityFiles(IdentityFilePaths paths, const Clock* clock, identity::Guard* guard,
                             IdentityStanding* standing)
    : paths_(std::move(paths)), clock_(*clock), guard_(*guard), standing_(*standing) {}

absl::StatusOr<std::unique_ptr<IdentityFiles>> IdentityFiles::Open(const IdentityFilePaths& paths, const Clock* clock,
                                                                   identity::Guard* guard, IdentityStanding* standing) {
  auto files = std::unique_ptr<IdentityFiles>(new IdentityFiles(paths, clock, guard, standing));
  if (absl::Status status = files->Stage(); !status.ok()) return status;
  for (const auto take : {&IdentityFiles::TakePermissions, &IdentityFiles::TakeTokenKeys, &IdentityFiles::TakeIdentity,
                          &IdentityFiles::TakeAuthorities}) {
    if (absl::Status status = (files.get()->*take)(); !status.ok()) return status;
  }
  files->WarnOfTimes();
  return files;
}

IdentityFiles::~IdentityFiles() {
  Stop();
  if (directory_.empty()) return;
  unlink(staged_identity_.c_str());
  if (!staged_authorities_.empty()) unlink(staged_authorities_.c_str());
  rmdir(directory_.c_str());
}

absl::Status IdentityFiles::Stage() {
  if (paths_.tls_certificate.empty()) return absl::OkStatus();
  for (const char* parent : kStagingParents) {
    RemoveDeserted(parent);
    std::string pattern = absl::StrCat(parent, "/", kStagingPrefix, getpid(), "-XXXXXX");
    if (mkdtemp(pattern.data()) == nullptr) continue;  // For its owner alone.
    directory_ = std::move(pattern);
    staged_identity_ = absl::StrCat(directory_, "/identity.pem");
    if (!paths_.client_authorities.empty()) staged_authorities_ = absl::StrCat(directory_, "/authorities.pem");
    return absl::OkStatus();
  }
  return absl::UnavailableError("no private directory can be made for the TLS key, in neither /dev/shm nor /tmp");
}

absl::Status IdentityFiles::TakeIdentity() {
  changed_ = false;
  if (paths_.tls_certificate.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> chain = Read("tls_certificate_file", paths_.tls_certificate);
  if (!chain.ok()) return chain.status();
  absl::StatusOr<std::string> key = Read("tls_key_file", paths_.tls_key, true);
  if (!key.ok()) return key.status();
  const auto wipe = absl::MakeCleanup([&key] { Wipe(&*key); });
  std::string both = absl::StrCat(*chain, "\n", *key);
  const auto wipe_both = absl::MakeCleanup([&both] { Wipe(&both); });
  std::string hash = eventstore::Sha256Hex(both);
  if (identity_.good && hash == identity_.seen) return absl::OkStatus();
  changed_ = hash != identity_.seen;
  identity_.seen = std::move(hash);
  identity_.good = false;
  const absl::StatusOr<absl::Time> ends = identity::CheckServerFiles(*chain, *key, clock_.Now());
  if (!ends.ok()) return Wrong("tls_certificate_file", paths_.tls_certificate, ends.status().message());
  const mode_t before = umask(0077);
  const absl::Status staged = eventstore::ReplaceDurableFile(staged_identity_, both);
  umask(before);
  if (!staged.ok()) return absl::UnavailableError(staged.message());
  identity_.good = true;
  standing_.Taken(kCertificate, *ends);
  return absl::OkStatus();
}

absl::Status IdentityFiles::TakeAuthorities() {
  changed_ = false;
  if (paths_.client_authorities.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> authorities = Read("tls_client_ca_file", paths_.client_authorities);
  if (!authorities.ok()) return authorities.status();
  std::string lists;
  if (!paths_.revocations.empty()) {
    absl::StatusOr<std::string> read = Read("tls_crl_file", paths_.revocations);
    if (!read.ok()) return read.status();
    lists = *std::move(read);
  }
  std::string hash = eventstore::Sha256Hex(absl::StrCat(authorities->size(), ":", *authorities, lists));
  if (authorities_.good && hash == authorities_.seen) return absl::OkStatus();
  changed_ = hash != authorities_.seen;
  authorities_.seen = std::move(hash);
  authorities_.good = false;
  const absl::StatusOr<absl::Time> end = identity::CheckAuthorities(*authorities, clock_.Now());
  if (!end.ok()) return Wrong("tls_client_ca_file", paths_.client_authorities, end.status().message());
  if (!paths_.revocations.empty()) {
    absl::StatusOr<std::shared_ptr<const identity::RevocationList>> parsed =
        identity::RevocationList::Parse(lists, *authorities);
    if (!parsed.ok()) return Wrong("tls_crl_file", paths_.revocations, parsed.status().message());
    list_due_ = (*parsed)->next_update();
    guard_.SetRevocations(*std::move(parsed));
  }
  const absl::Status staged = eventstore::ReplaceDurableFile(staged_authorities_, *authorities);
  if (!staged.ok()) return absl::UnavailableError(staged.message());
  authorities_.good = true;
  standing_.Taken(kAuthorities, *end);
  if (!paths_.revocations.empty()) {
    standing_.Taken(kRevocations,
                    list_due_ == absl::InfiniteFuture() ? std::nullopt : std::optional<absl::Time>(list_due_));
  }
  return absl::OkStatus();
}

absl::Status IdentityFiles::TakePermissions() {
  changed_ = false;
  const absl::StatusOr<std::string> text = Read("permission_file", paths_.permissions);
  if (!text.ok()) return text.status();
  std::string hash = eventstore::Sha256Hex(*text);
  if (permissions_.good && hash == permissions_.seen) return absl::OkStatus();
  changed_ = hash != permissions_.seen;
  permissions_.seen = std::move(hash);
  permissions_.good = false;
  absl::StatusOr<std::shared_ptr<const identity::Permissions>> parsed = identity::Permissions::Parse(*text);
  if (!parsed.ok()) return Wrong("permission_file", paths_.permissions, parsed.status().message());
  guard_.SetPermissions(*std::move(parsed));
  permissions_.good = true;
  standing_.Taken(kPermissions);
  return absl::OkStatus();
}

absl::Status IdentityFiles::TakeTokenKeys() {
  changed_ = false;
  if (paths_.token_keys.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> text = Read("token_key_file", paths_.token_keys);
  if (!text.ok()) return text.status();
  std::string hash = eventstore::Sha256Hex(*text);
  if (token_keys_.good && hash == token_keys_.seen) return absl::OkStatus();
  changed_ = hash != token_keys_.seen;
  token_keys_.seen = std::move(hash);
  token_keys_.good = false;
  absl::StatusOr<std::shared_ptr<const identity::TokenKeys>> parsed = identity::TokenKeys::Parse(*text);
  if (!parsed.ok()) return Wrong("token_key_file", paths_.token_keys, parsed.status().message());
  guard_.SetTokenKeys(*std::move(parsed));
  token_keys_.good = true;
  standing_.Taken(kTokenKeys);
  return absl::OkStatus();
}

void IdentityFiles::Report(const char* what, const absl::Status& status, bool changed) {
  std::string& complaint = complaints_[what];
  if (status.ok()) {
    complaint.clear();
    if (changed) Log(LogLevel::kInfo, "identity files replaced", {{"which", what}});
  } else if (changed || complaint != status.message()) {
    complaint = std::string(status.message());
    Log(LogLevel::kError, "identity files not taken; the last good ones stay",
        {{"which", what}, {"cause", std::string(status.message())}});
  }
}

void IdentityFiles::WarnOfTimes() {
  const bool late = clock_.Now() > list_due_;
  if (late && !list_late_) {
    Log(LogLevel::kError, "the revocation list is past its next update; what it revokes stays revoked",
        {{"file", paths_.revocations}, {"next_update", absl::FormatTime(list_due_, absl::UTCTimeZone())}});
  }
  list_late_ = late;
}

void IdentityFiles::RunOnce() {
  struct Look {
    const char* what;  // In the log.
    absl::Status (IdentityFiles::*take)();
    std::vector<std::pair<const char*, const std::string*>> files;  // As the standing names them, with their paths.
  };
  const Look looks[] = {
      {"permissions", &IdentityFiles::TakePermissions, {{kPermissions, &paths_.permissions}}},
      {"token keys", &IdentityFiles::TakeTokenKeys, {{kTokenKeys, &paths_.token_keys}}},
      {"certificate and key", &IdentityFiles::TakeIdentity, {{kCertificate, &paths_.tls_certificate}}},
      {"authorities and revocations",
       &IdentityFiles::TakeAuthorities,
       {{kAuthorities, &paths_.client_authorities}, {kRevocations, &paths_.revocations}}}};
  for (const Look& look : looks) {
    const absl::Status status = (this->*look.take)();
    Report(look.what, status, changed_);
    for (const auto& [which, path] : look.files) {
      if (!path->empty()) standing_.Mark(which, status.ok());
    }
  }
  WarnOfTimes();
}

void IdentityFiles::Start(absl::Duration interval) {
  thread_ = std::thread([this, interval = absl::ToChronoMilliseconds(interval)] {
    for (;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        if (wake_.wait_for(lock, interval, [this] { return stopping_; })) return;
      }
      RunOnce();
    }
  });
}

void IdentityFiles::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace services
