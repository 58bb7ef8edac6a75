#include "eventstore/backup.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/sha256.h"

namespace eventstore {
namespace {

constexpr absl::string_view kFamilyOfVersions = "backup/";
constexpr absl::string_view kVersionLine = "backup/1\n";
constexpr absl::string_view kDescriptionChecksum = "sha256 ";
constexpr absl::string_view kDescriptionTime = "%Y-%m-%dT%H:%M:%E6SZ";

std::string TimeText(absl::Time time) { return absl::FormatTime(kDescriptionTime, time, absl::UTCTimeZone()); }

bool ParseTimeText(absl::string_view text, absl::Time* time) {
  std::string error;
  return absl::ParseTime(kDescriptionTime, text, absl::UTCTimeZone(), time, &error);
}

absl::Status Damaged() { return absl::DataLossError("the description of the backup is damaged"); }

// Takes the line "name value" from the front; false when another stands there.
bool TakeLine(absl::string_view* text, absl::string_view name, absl::string_view* value) {
  const size_t end = text->find('\n');
  if (end == absl::string_view::npos) return false;
  *value = text->substr(0, end);
  text->remove_prefix(end + 1);
  return absl::ConsumePrefix(value, name) && absl::ConsumePrefix(value, " ");
}

}  // namespace

std::string DescriptionText(const BackupDescription& description) {
  std::string text(kVersionLine);
  absl::StrAppend(&text, "id ", description.id, "\nstore ", description.store, "\nmade ", TimeText(description.made),
                  "\nbytes ", description.bytes, "\nengine_sha256 ", description.engine_sha256, "\nlog_size ",
                  description.checkpoint.size, "\nroot ", Base64Of(description.checkpoint.root), "\norigin ",
                  description.checkpoint.origin, "\nlatest_record_time ", TimeText(description.latest_record_time),
                  "\n\n", description.note);
  return absl::StrCat(text, kDescriptionChecksum, Sha256Hex(text), "\n");
}

absl::StatusOr<BackupDescription> ParseDescription(absl::string_view text) {
  const size_t end = text.rfind(kDescriptionChecksum);
  if (end == absl::string_view::npos || !absl::StartsWith(text, kFamilyOfVersions)) return Damaged();
  absl::string_view body = text.substr(0, end);
  if (text.substr(end) != absl::StrCat(kDescriptionChecksum, Sha256Hex(body), "\n")) return Damaged();
  if (!absl::ConsumePrefix(&body, kVersionLine)) {
    return absl::FailedPreconditionError("a newer program made the backup: use that one");
  }
  BackupDescription description;
  absl::string_view id, store, made, bytes, engine, size, root, origin, latest;
  const bool read = TakeLine(&body, "id", &id) && TakeLine(&body, "store", &store) && TakeLine(&body, "made", &made) &&
                    TakeLine(&body, "bytes", &bytes) && TakeLine(&body, "engine_sha256", &engine) &&
                    TakeLine(&body, "log_size", &size) && TakeLine(&body, "root", &root) &&
                    TakeLine(&body, "origin", &origin) && TakeLine(&body, "latest_record_time", &latest) &&
                    absl::ConsumePrefix(&body, "\n");
  if (!read || !absl::SimpleAtoi(id, &description.id) || !absl::SimpleAtoi(bytes, &description.bytes) ||
      !absl::SimpleAtoi(size, &description.checkpoint.size) || !ParseTimeText(made, &description.made) ||
      !ParseTimeText(latest, &description.latest_record_time)) {
    return Damaged();
  }
  const absl::StatusOr<Sha256Digest> digest = ParseDigest(root);
  if (!digest.ok()) return Damaged();
  description.checkpoint.root = *digest;
  description.checkpoint.origin = std::string(origin);
  description.store = std::string(store);
  description.engine_sha256 = std::string(engine);
  description.note = std::string(body);
  return description;
}

}  // namespace eventstore
