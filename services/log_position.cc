#include "services/log_position.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/crc32c.h"
#include "eventstore/sha256.h"
#include "services/domain/refusal.h"

namespace services {
namespace {

constexpr char kVersion = 1;
constexpr size_t kCheckBytes = 4;

template <class Number>
std::string BigEndian(Number number) {
  std::string bytes(sizeof(number), '\0');
  for (size_t i = sizeof(number); i-- > 0;) {
    bytes[i] = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return bytes;
}

// Enough to tell a token that we made from one that somebody typed. A token gives no rights, so nobody gains by making
// one; each recorded event has one, so that a cryptographic hash would be felt.
std::string Check(absl::string_view text) { return BigEndian(eventstore::Crc32c(text)); }

// What the first programs took in its place. Callers may have kept their tokens.
std::string FirstCheck(absl::string_view text) {
  return std::string(eventstore::AsBytes(eventstore::Sha256(text)).substr(0, kCheckBytes));
}

std::string PositionToken(uint64_t position, std::string (*check)(absl::string_view)) {
  std::string body(1, kVersion);
  body += BigEndian(position);
  return absl::WebSafeBase64Escape(body + check(absl::StrCat("position", body)));
}

}  // namespace

std::string LogPositionToken(uint64_t position) { return PositionToken(position, Check); }

absl::StatusOr<uint64_t> ParseLogPosition(absl::string_view token) {
  std::string bytes;
  if (token.size() <= 64 && absl::WebSafeBase64Unescape(token, &bytes) && bytes.size() == 1 + 8 + kCheckBytes) {
    uint64_t position = 0;
    for (int i = 1; i <= 8; ++i) position = position << 8 | static_cast<unsigned char>(bytes[i]);
    // As a whole: Base64 can be written in several ways, with spaces, with padding, with bits that nobody reads.
    if (token == PositionToken(position, Check) || token == PositionToken(position, FirstCheck)) return position;
  }
  return domain::InvalidArgument(trust::v1::ERROR_REASON_INVALID_POSITION,
                                 "this is not a log position; use a log_position from an answer of this server");
}

absl::Status CheckMinPosition(const eventstore::EventStore& store, absl::string_view min_position,
                              absl::string_view field) {
  if (min_position.empty()) return absl::OkStatus();
  const absl::StatusOr<uint64_t> position = ParseLogPosition(min_position);
  if (!position.ok()) return position.status();
  if (*position > store.LogSize()) {
    return domain::InvalidArgument(
        trust::v1::ERROR_REASON_INVALID_POSITION,
        absl::StrCat(field, " lies beyond the end of this log; was it made by another server?"));
  }
  return absl::OkStatus();
}

std::string PageToken(absl::string_view place, absl::string_view arguments) {
  const std::string body = absl::StrCat(std::string(1, kVersion), place);
  return absl::WebSafeBase64Escape(absl::StrCat(Check(absl::StrCat("page", arguments, "\n", body)), body));
}

absl::Status InvalidPageToken() {
  return domain::InvalidArgument(
      trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
      "this page token is not of this list with these arguments; begin again without a token");
}

absl::StatusOr<std::string> ParsePageToken(absl::string_view token, absl::string_view arguments) {
  if (token.empty()) return std::string();
  const absl::Status refusal = InvalidPageToken();
  std::string bytes;
  if (token.size() > 4096 || !absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < kCheckBytes + 1)
    return refusal;
  const std::string body = bytes.substr(kCheckBytes);
  if (body[0] != kVersion || Check(absl::StrCat("page", arguments, "\n", body)) != bytes.substr(0, kCheckBytes)) {
    return refusal;
  }
  if (PageToken(absl::string_view(body).substr(1), arguments) != token) return refusal;
  return body.substr(1);
}

}  // namespace services
