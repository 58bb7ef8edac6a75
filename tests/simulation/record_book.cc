#include "tests/simulation/record_book.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/merkle_tree.h"
#include "projections/partnership.h"
#include "services/command_lane.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/request_ledger.h"
#include "tests/eventstore/naive_tree.h"

namespace simulation {
namespace {

template <class... Parts>
absl::Status Found(const Parts&... parts) {
  return absl::InternalError(absl::StrCat(parts...));
}

// Answers that any call may get, whatever it asks for, and that say that this call did nothing.
bool IsPassing(const absl::Status& status) {
  switch (domain::ReasonOf(status)) {
    case trust::v1::ERROR_REASON_OVERLOADED:
    case trust::v1::ERROR_REASON_SHUTTING_DOWN:
    case trust::v1::ERROR_REASON_DEADLINE_PASSED:
    case trust::v1::ERROR_REASON_STORAGE_FULL:
    case trust::v1::ERROR_REASON_NOT_READY:
    case trust::v1::ERROR_REASON_OUTCOME_UNKNOWN:
      return true;
    default:
      return false;
  }
}

std::string Name(const absl::Status& status) { return trust::v1::ErrorReason_Name(domain::ReasonOf(status)); }

}  // namespace

std::string RecordBook::Mark(size_t operation) { return absl::StrCat("operation-", operation); }
std::string RecordBook::OtherMark(size_t operation) { return absl::StrCat("other-", operation); }

size_t RecordBook::Begin(Operation operation) {
  operations_.push_back(std::move(operation));
  return operations_.size() - 1;
}

absl::Status RecordBook::Answered(size_t number, bool was_there,
                                  const absl::StatusOr<services::CommandOutcome>& outcome,
                                  const eventstore::EventStore& store) {
  Operation& operation = operations_[number];
  if (outcome.ok()) operation.acknowledged = true;
  if (absl::IsUnknown(outcome.status())) operation.unknown = true;
  if (const absl::Status taken = TakeIn(store); !taken.ok()) return taken;
  --operation.open;
  if (!outcome.ok()) {
    if (was_there && !IsPassing(outcome.status())) {
      return Found("operation ", number, " is in the log, and its repetition was refused with ",
                   Name(outcome.status()));
    }
    return absl::OkStatus();
  }
  if (operation.places.size() != operation.events) {
    return Found("operation ", number, " was acknowledged, and ", operation.places.size(), " of its ", operation.events,
                 " events are in the log");
  }
  if (outcome->events.size() != operation.events) {
    return Found("the answer to operation ", number, " has ", outcome->events.size(), " events");
  }
  for (size_t i = 0; i < operation.events; ++i) {
    if (outcome->events[i].SerializeAsString() != log_[operation.places[i]].bytes) {
      return Found("the answer to operation ", number, " is not what the log holds of it");
    }
  }
  const LoggedEvent& last = log_[operation.places.back()];
  const int64_t first_revision = outcome->events.front().revision();
  if (outcome->log_position != last.position || outcome->revision != outcome->events.back().revision() ||
      !outcome->receipt.has_value() || outcome->receipt->log_index() != static_cast<int64_t>(operation.places.back()) ||
      outcome->receipt->leaf_hash() != eventstore::BytesOf(last.leaf)) {
    return Found("the answer to operation ", number, " names another place than its own");
  }
  if (operation.expected_revision.has_value() && first_revision > 1 &&
      first_revision != *operation.expected_revision + 1) {
    return Found("operation ", number, " expected revision ", *operation.expected_revision, " and became revision ",
                 first_revision);
  }
  return absl::OkStatus();
}

absl::Status RecordBook::AnsweredOther(const absl::StatusOr<services::CommandOutcome>& outcome) {
  if (outcome.ok()) return Found("a request id was taken for other content than it had made");
  if (IsPassing(outcome.status()) || domain::ReasonOf(outcome.status()) == trust::v1::ERROR_REASON_REQUEST_ID_REUSED) {
    return absl::OkStatus();
  }
  return Found("a request id with other content was refused with ", Name(outcome.status()));
}

absl::Status RecordBook::TakeIn(const eventstore::EventStore& store) {
  if (store.LogSize() < log_.size()) {
    return Found("the log holds ", store.LogSize(), " records, and readers have seen ", log_.size());
  }
  if (store.LogSize() == log_.size()) return absl::OkStatus();
  absl::Status found;
  std::set<size_t> touched;
  const size_t first = log_.size();
  const absl::Status read = store.ReadLog(first, [&](const eventstore::RecordedEvent& record) {
    found = TakeInOne(record);
    return found.ok();
  });
  if (!found.ok()) return found;
  if (!read.ok()) return Found("the log cannot be read: ", read.ToString());
  for (size_t number = 0; number < operations_.size(); ++number) {
    const Operation& operation = operations_[number];
    if (!operation.places.empty() && operation.places.size() != operation.events) {
      return Found(operation.places.size(), " of the ", operation.events, " events of operation ", number,
                   " are in the log");
    }
  }
  return absl::OkStatus();
}

absl::Status RecordBook::TakeInOne(const eventstore::RecordedEvent& record) {
  if (record.position != log_.size() + 1) {
    return Found("position ", record.position, " follows ", log_.size(), " in the log");
  }
  trust::v1::Event event;
  const absl::Status decoded = services::Decode(record, true, &event);
  if (!decoded.ok()) return Found("position ", record.position, ": ", decoded.ToString());
  LoggedEvent logged{std::string(record.stream), std::string(record.type), event.SerializeAsString(),
                     event.log_position(), eventstore::LeafHash(record.stored)};
  std::vector<trust::v1::Event>& history = histories_[logged.stream];
  if (record.revision != history.size() + 1) {
    return Found("revision ", record.revision, " of ", logged.stream, " follows ", history.size());
  }
  if (record.record_time < latest_)
    return Found("position ", record.position, " was recorded before the one before it");
  const auto last = last_leaves_.find(logged.stream);
  const std::string link = last == last_leaves_.end() ? "" : eventstore::BytesOf(last->second);
  if (record.previous_sha256 != link) return Found("position ", record.position, " is not linked to the one before it");
  absl::string_view mark = event.correlation_id();
  size_t number = 0;
  if (!absl::ConsumePrefix(&mark, "operation-") || !absl::SimpleAtoi(mark, &number) || number >= operations_.size()) {
    return Found("position ", record.position, " is of nobody's operation: ", event.correlation_id());
  }
  Operation& operation = operations_[number];
  if (operation.partnership != logged.stream) return Found("operation ", number, " is in the stream ", logged.stream);
  if (operation.places.size() == operation.events) return Found("operation ", number, " is in the log twice");
  if (!operation.acknowledged && !operation.unknown && operation.open == 0) {
    return Found("operation ", number, " was refused, or found to be absent, and is in the log at position ",
                 record.position);
  }
  latest_ = record.record_time;
  last_leaves_[logged.stream] = logged.leaf;
  operation.places.push_back(log_.size());
  log_.push_back(std::move(logged));
  event.clear_log_position();
  history.push_back(std::move(event));
  return absl::OkStatus();
}

absl::Status RecordBook::Settle(const eventstore::EventStore& store) {
  absl::Status found;
  const absl::Status read = store.ReadLog(0, [&](const eventstore::RecordedEvent& record) {
    if (record.position > log_.size()) return false;
    if (eventstore::LeafHash(record.stored) != log_[record.position - 1].leaf) {
      found = Found("position ", record.position, " holds other bytes after the crash");
    }
    return found.ok();
  });
  if (!found.ok()) return found;
  if (!read.ok()) return Found("the log cannot be read after the crash: ", read.ToString());
  if (const absl::Status taken = TakeIn(store); !taken.ok()) return taken;
  for (size_t number = 0; number < operations_.size(); ++number) {
    Operation& operation = operations_[number];
    if (operation.acknowledged && operation.places.size() != operation.events) {
      return Found("operation ", number, " was acknowledged and is lost");
    }
    operation.open = 0;
    operation.unknown = false;
  }
  return absl::OkStatus();
}

absl::Status RecordBook::CheckRows(const eventstore::EventStore& store) const {
  for (size_t number = 0; number < operations_.size(); ++number) {
    const Operation& operation = operations_[number];
    if (operation.request_id.empty()) continue;
    const auto row = store.GetRow(services::kRequestTable, operation.request_id);
    if (!row.ok()) return Found("a request row cannot be read: ", row.status().ToString());
    if (row->has_value() != IsPresent(number)) {
      return Found("operation ", number, IsPresent(number) ? " has no" : " is not in the log and has a",
                   " request row");
    }
  }
  std::map<std::string, std::string> expected, kept;
  for (const auto& [id, history] : histories_) {
    projections::Partnership partnership;
    partnership.id = id;
    for (const trust::v1::Event& event : history) projections::Evolve(partnership, event);
    trust::v1::Partnership resource = projections::Render(partnership);
    resource.clear_revision();
    expected[id] = resource.SerializeAsString();
  }
  const absl::Status scanned =
      store.ScanRows(services::kPartnershipTable, "", [&](absl::string_view key, absl::string_view value) {
        kept.emplace(key, value);
        return true;
      });
  if (!scanned.ok()) return Found("the list of partnerships cannot be read: ", scanned.ToString());
  if (kept != expected) return Found("the list of partnerships is not what follows from the log");
  return absl::OkStatus();
}

absl::Status RecordBook::CheckRoot(uint64_t size, const eventstore::Sha256Digest& root) const {
  if (size > log_.size()) return Found("a root of ", size, " records was made, and the log holds ", log_.size());
  std::vector<eventstore::Sha256Digest> leaves;
  for (size_t i = 0; i < size; ++i) leaves.push_back(log_[i].leaf);
  if (eventstore::NaiveRoot(leaves) != root) return Found("the root of ", size, " records is not that of the tree");
  return absl::OkStatus();
}

}  // namespace simulation
