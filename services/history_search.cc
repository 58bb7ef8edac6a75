#include "services/history_search.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "projections/day.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {
namespace {

// Halves the range of 1 to count. read_after(n, visit) visits the record behind n.
template <class ReadAfter>
absl::StatusOr<uint64_t> Last(uint64_t count, ReadAfter read_after, RecordTest test) {
  uint64_t passed = 0, failed = count + 1;
  while (failed - passed > 1) {
    const uint64_t middle = passed + (failed - passed) / 2;
    bool passes = false;
    const absl::Status read = read_after(middle - 1, [&](const eventstore::RecordedEvent& record) {
      passes = test(record);
      return false;
    });
    if (!read.ok()) return ReadFault(read);
    (passes ? passed : failed) = middle;
  }
  return passed;
}

// The first instant behind a day, YYYY-MM-DD; false when the text is none.
bool EndOfDay(absl::string_view text, absl::Time* end) {
  absl::CivilDay day;
  // Of the forms that Abseil takes, only the one that days are written in.
  if (text.size() != 10 || !absl::c_all_of(text, [](char c) { return c == '-' || absl::ascii_isdigit(c); }) ||
      !absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return false;
  }
  *end = absl::FromCivil(day + 1, absl::UTCTimeZone());
  return true;
}

}  // namespace

absl::StatusOr<uint64_t> LastPosition(const eventstore::EventStore& store, RecordTest test) {
  return Last(
      store.LogSize(), [&](uint64_t after, eventstore::EventVisitor visit) { return store.ReadLog(after, visit); },
      test);
}

absl::StatusOr<uint64_t> LastRevision(const eventstore::EventStore& store, absl::string_view stream, RecordTest test) {
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(stream);
  if (!revision.ok()) return ReadFault(revision.status());
  return Last(
      *revision, [&](uint64_t after, eventstore::EventVisitor visit) { return store.ReadStream(stream, after, visit); },
      test);
}

absl::Status ResolveTimeNow(const eventstore::EventStore& store, const trust::v1::ResolveTimeRequest& request,
                            trust::v1::ResolveTimeResponse* response) {
  const std::string& partnership = request.partnership();
  QueryChecks checks;
  if (!partnership.empty()) checks.Id("partnership", partnership);
  absl::Time behind;  // The first instant that is too late.
  if (request.has_time() == !request.date().empty()) {
    checks.Wrong("time",
                 request.has_time() ? "stands beside date; give one of the two" : "is required, or date in its place");
  } else if (request.has_time()) {
    if (checks.Timestamp("time", request.time())) behind = projections::ToTime(request.time()) + absl::Nanoseconds(1);
  } else if (!EndOfDay(request.date(), &behind)) {
    checks.Wrong("date", "is no day; write YYYY-MM-DD");
  }
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  if (const absl::Status position = CheckMinPosition(store, request.min_position()); !position.ok()) return position;
  if (!partnership.empty()) {
    const absl::StatusOr<uint64_t> revision = store.StreamRevision(partnership);
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(partnership);
  }

  // The last record that passes is the last one whose test was true.
  absl::Time record_time;
  const auto is_in_time = [&](const eventstore::RecordedEvent& record) {
    if (record.record_time >= behind) return false;
    record_time = record.record_time;
    return true;
  };
  const absl::StatusOr<uint64_t> position = LastPosition(store, is_in_time);
  if (!position.ok()) return position.status();
  response->set_log_position(LogPositionToken(*position));
  if (*position > 0) *response->mutable_record_time() = projections::ToTimestamp(record_time);
  if (partnership.empty()) return absl::OkStatus();
  const absl::StatusOr<uint64_t> revision = LastRevision(store, partnership, is_in_time);
  if (!revision.ok()) return revision.status();
  response->set_revision(static_cast<int64_t>(*revision));
  if (*revision > 0) *response->mutable_revision_record_time() = projections::ToTimestamp(record_time);
  return absl::OkStatus();
}

}  // namespace services
