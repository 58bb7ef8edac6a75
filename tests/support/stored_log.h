// Events written to a store one by one, as the lane would, and told to whoever follows it.

#ifndef TESTS_SUPPORT_STORED_LOG_H_
#define TESTS_SUPPORT_STORED_LOG_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"
#include "projections/day.h"
#include "services/command_lane.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/system_stream.h"
#include "trust/v1/events.pb.h"

namespace support {

class StoredLog {
 public:
  // store and publishers outlive the log.
  explicit StoredLog(eventstore::EventStore* store, std::vector<services::Publisher*> publishers = {})
      : store_(store), publishers_(std::move(publishers)) {}

  // Appends an event at its record time, or at the latest of the log. Returns its position; 0 when it was not written.
  uint64_t Append(const std::string& stream, trust::v1::Event event) {
    const absl::Time record_time = projections::ToTime(event.record_time());
    event.clear_revision();
    event.clear_record_time();
    event.clear_partnership();
    const absl::StatusOr<uint64_t> revision = store_->StreamRevision(stream);
    if (!revision.ok()) return 0;
    const auto appended = store_->Write({record_time, {{stream, *revision, {services::Encode(event)}}}, {}});
    if (!appended.ok()) return 0;
    event.set_partnership(stream);
    event.set_revision(static_cast<int64_t>(*revision) + 1);
    *event.mutable_record_time() = projections::ToTimestamp(appended->record_time);
    event.set_log_position(services::LogPositionToken(appended->first_position));
    for (services::Publisher* publisher : publishers_) publisher->Publish(stream, {&event, 1});
    return appended->first_position;
  }

  // An event of a day.
  static trust::v1::Event On(projections::Day day) {
    trust::v1::Event event;
    *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOf(day));
    *event.mutable_record_time() = event.occur_time();
    return event;
  }

  // Returns the SHA-256 as 32 bytes.
  std::string Publish(const std::string& canonical_text, projections::Day day) {
    trust::v1::Event event = On(day);
    const std::string sha256 = eventstore::BytesOf(eventstore::Sha256(canonical_text));
    event.mutable_policy_published()->set_document(canonical_text);
    event.mutable_policy_published()->set_sha256(sha256);
    Append(services::kPolicyStream, event);
    return sha256;
  }

  uint64_t Activate(const std::string& sha256, projections::Day day) {
    trust::v1::Event event = On(day);
    event.mutable_policy_activated()->set_policy_sha256(sha256);
    event.mutable_policy_activated()->set_approver("the board");
    return Append(services::kPolicyStream, event);
  }

  uint64_t Pin(const std::string& partnership, const std::string& sha256, projections::Day day) {
    trust::v1::Event event = On(day);
    event.mutable_policy_pinned()->set_policy_sha256(sha256);
    return Append(partnership, event);
  }

 private:
  eventstore::EventStore* const store_;
  const std::vector<services::Publisher*> publishers_;
};

}  // namespace support

#endif  // TESTS_SUPPORT_STORED_LOG_H_
