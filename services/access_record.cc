#include "services/access_record.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/domain/event_draft.h"
#include "services/domain/field_checks.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/system_stream.h"

namespace services {
namespace {

constexpr int kRetryMs = 1'000;

constexpr char kAccessTable[] = "access";
constexpr char kSwitchKey[] = "recorded";
constexpr char kOn[] = "1";
constexpr char kOff[] = "0";

absl::Status CheckShape(const trust::v1::HistoryAccessed& access, bool authenticated) {
  if (access.reader().empty()) {
    return domain::InvalidArgument(trust::v1::ERROR_REASON_READER_MISSING,
                                   "this server records who reads histories: name yourself, by an opaque id, in the "
                                   "metadata trust-reader, and the "
                                   "purpose in trust-purpose (trustctl: --reader, --purpose)");
  }
  domain::FieldChecks checks;
  if (!authenticated) checks.DisplayText("metadata trust-reader", access.reader(), kReaderSizeMax);
  checks.DisplayText("metadata trust-purpose", access.purpose(), kPurposeSizeMax);
  if (access.question().size() > kQuestionSizeMax) {
    checks.Wrong("request", absl::StrCat("has ", access.question().size(), " bytes as JSON, and at most ",
                                         kQuestionSizeMax, " can be recorded; ask for less at once"));
  }
  return checks.Verdict();
}

// What becomes of a reading whose access could not be recorded. What passes by itself is told as it is.
absl::Status NotRecorded(const absl::Status& status) {
  switch (domain::ReasonOf(status)) {
    case trust::v1::ERROR_REASON_OVERLOADED:
    case trust::v1::ERROR_REASON_SHUTTING_DOWN:
    case trust::v1::ERROR_REASON_DEADLINE_PASSED:
      return status;
    default:
      return domain::Fault(
          absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_ACCESS_NOT_RECORDED,
          absl::StrCat("the access could not be recorded, so nothing was read: ", std::string(status.message())), {},
          kRetryMs);
  }
}

class AccessCommand final : public Command {
 public:
  AccessCommand(trust::v1::HistoryAccessed access, Caller caller, std::function<void(absl::Status)> then)
      : access_(std::move(access)), caller_(std::move(caller)), then_(std::move(then)) {}

  const std::string& partnership() const override { return kAccessStream; }
  absl::Time deadline() const override { return caller_.deadline; }
  bool Cancelled() const override { return caller_.cancelled(); }

  void Judge(Draft& draft, const domain::Context& context) override {
    std::vector<trust::v1::Event> events(1);
    domain::SetTimes(projections::ToTimestamp(context.now), trust::v1::TIME_PRECISION_INSTANT, nullptr, events.front());
    *events.front().mutable_history_accessed() = access_;
    SignBy(caller_, &events);
    draft.Complete(events);
    draft.Accept(std::move(events));
  }

  void Finish(const absl::Status& status, Draft&) override { then_(status.ok() ? status : NotRecorded(status)); }
  void Refuse(const absl::Status& status) override { then_(NotRecorded(status)); }

 private:
  const trust::v1::HistoryAccessed access_;
  const Caller caller_;
  const std::function<void(absl::Status)> then_;
};

}  // namespace

void AccessRecord::Record(trust::v1::HistoryAccessed access, Caller caller, std::function<void(absl::Status)> then) {
  // Who is authenticated need not name itself, and under no other name.
  if (!caller.principal.empty()) access.set_reader(caller.principal);
  const absl::Status shape = CheckShape(access, !caller.principal.empty());
  if (!shape.ok()) return then(shape);
  lane_.Submit(std::make_unique<AccessCommand>(std::move(access), std::move(caller), std::move(then)));
}

absl::Status RecordAccessSwitch(bool on, const Clock& clock, eventstore::EventStore* store) {
  const absl::StatusOr<std::optional<std::string>> row = store->GetRow(kAccessTable, kSwitchKey);
  if (!row.ok()) return row.status();
  const bool was_on = row->has_value() && **row == kOn;
  if (was_on == on) return absl::OkStatus();
  const absl::StatusOr<uint64_t> revision = store->StreamRevision(kAccessStream);
  if (!revision.ok()) return revision.status();
  const absl::Time now = std::max(clock.Now(), store->LatestRecordTime());
  trust::v1::Event event;
  domain::SetTimes(projections::ToTimestamp(now), trust::v1::TIME_PRECISION_INSTANT, nullptr, event);
  event.mutable_access_record_switched()->set_on(on);
  return store
      ->Write({now, {{kAccessStream, *revision, {Encode(event)}}}, {{kAccessTable, kSwitchKey, on ? kOn : kOff}}})
      .status();
}

}  // namespace services
