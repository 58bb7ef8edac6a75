// A command of one partnership, as a request message that domain::Decide judges: with request_id, expected_revision and
// validate_only as every command has them. Free of any transport.

#ifndef SERVICES_DECIDED_COMMAND_H_
#define SERVICES_DECIDED_COMMAND_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "projections/event_name.h"
#include "services/command.h"
#include "services/domain/contact_decider.h"
#include "services/domain/decider.h"
#include "services/domain/refusal.h"
#include "services/executor.h"
#include "services/personal_data.h"
#include "services/personal_request.h"
#include "services/request_ledger.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {

// What a command did.
struct CommandOutcome {
  int64_t revision = 0;
  std::string log_position;  // Of the last event; empty when nothing was recorded.
  std::vector<trust::v1::Event> events;
  std::optional<trust::v1::Receipt> receipt;  // Of the last event, without the size of a checkpoint.
};

using CommandDone = std::function<void(absl::StatusOr<CommandOutcome>)>;

// Who waits for a command and how long.
struct Caller {
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled = [] { return false; };
  std::string principal = {};  // Kept with each event; empty where callers are not authenticated.
  std::optional<trust::v1::TraceContext> trace = {};  // The same, of calls that belong to one.
};

// Keeps with events who caused them.
void SignBy(const Caller& caller, std::vector<trust::v1::Event>* events);

// What a repeated command needs to find its first result. Both outlive the command.
struct Recall {
  const eventstore::EventStore* store;
  Executor* pool;
  const PersonalData* personal = nullptr;  // Opens what is sealed; null leaves it out.
};

// Reads what a request id made, on the pool, and hands it on. done is called once, with OVERLOADED when the pool is
// full.
void RecallOutcome(const Recall& recall, const Deed& deed, CommandDone done);

// The refusal of a request id that came with other content before.
absl::Status RequestIdReused(const Deed& deed);

// The stream that a command is about: its partnership's, the contacts' or the policies'.
template <class Request>
const std::string& StreamOf(const Request& request) {
  if constexpr (requires { request.partnership(); }) {
    return request.partnership();
  } else if constexpr (requires { request.contact(); }) {
    return kContactStream;
  } else {
    return kPolicyStream;
  }
}

template <class Request>
class DecidedCommand : public Command {
 public:
  // How the command is decided, for those that need more than the state: what was found out before the lane. May decide
  // that nothing is to be recorded.
  using Decider = std::function<absl::StatusOr<std::vector<trust::v1::Event>>(
      const projections::Partnership& state, const Request& request, const domain::Context& context)>;

  // request lives until done is called; method names the command in its fingerprint; keys are those of PersonsIn, of
  // whom is not erased, unless it only validates. Counts on a valid request.
  DecidedCommand(const Request* request, absl::string_view method, Recall recall, Caller caller, CommandDone done,
                 Decider decide = DecideByState, PersonalKeys keys = {})
      : request_(request),
        recall_(recall),
        caller_(std::move(caller)),
        done_(std::move(done)),
        decide_(std::move(decide)),
        keys_(std::move(keys)) {
    if (!request_->request_id().empty()) fingerprint_ = ContentFingerprint(*request, method);
  }

  static absl::StatusOr<std::vector<trust::v1::Event>> DecideByState(const projections::Partnership& state,
                                                                     const Request& request,
                                                                     const domain::Context& context) {
    return domain::Decide(state, request, context);
  }

  const std::string& partnership() const override { return StreamOf(*request_); }
  absl::Time deadline() const override { return caller_.deadline; }
  bool Cancelled() const override { return caller_.cancelled(); }

  void Judge(Draft& draft, const domain::Context& context) override {
    refusal_ = absl::OkStatus();
    repeated_.reset();
    preview_.clear();
    clear_.clear();
    count_ = 0;
    refusal_ = TryJudge(draft, context);
  }

  void Finish(const absl::Status& status, Draft& draft) override {
    if (!status.ok()) return done_(status);
    if (!refusal_.ok()) return done_(refusal_);
    if (repeated_) return RecallOutcome(recall_, *repeated_, std::move(done_));
    CommandOutcome outcome;
    outcome.revision = revision_;
    if (request_->validate_only()) {
      outcome.events = std::move(preview_);
      for (trust::v1::Event& event : outcome.events) event.set_partnership(partnership());
    } else {
      for (size_t i = 0; i < count_; ++i) {
        // Only here, when nobody else is to see it: the caller's own words.
        outcome.events.push_back(std::move(draft.events()[first_ + i]));
        if (i < clear_.size()) outcome.events.back().MergeFrom(clear_[i]);
      }
      if (count_ > 0) {
        outcome.log_position = outcome.events.back().log_position();
        outcome.receipt = draft.ReceiptOf(first_ + count_ - 1);
      }
    }
    done_(std::move(outcome));
  }

  void Refuse(const absl::Status& status) override { done_(status); }

 private:
  // The content is what is to be recorded: how often, on what condition and whether really do not belong to it.
  static std::string ContentFingerprint(const Request& request, absl::string_view method) {
    Request content = request;
    content.clear_request_id();
    content.clear_validate_only();
    ClearPersonalText(&content);
    if constexpr (requires { content.clear_expected_revision(); }) content.clear_expected_revision();
    return Fingerprint(method, content);
  }

  absl::Status TryJudge(Draft& draft, const domain::Context& context) {
    const std::string request_id = absl::AsciiStrToLower(request_->request_id());
    if (!request_id.empty()) {
      const absl::StatusOr<std::optional<std::string>> row = draft.rows().Get(kRequestTable, request_id);
      if (!row.ok()) return ReadFault(row.status());
      if (row->has_value()) {
        std::optional<Deed> deed = DecodeDeed(**row);
        if (!deed) return ReadFault(absl::DataLossError("a row of the request table is not a deed"));
        if (deed->fingerprint != fingerprint_) return RequestIdReused(*deed);
        repeated_ = std::move(deed);
        return absl::OkStatus();
      }
    }
    if constexpr (requires { request_->has_expected_revision(); }) {
      if (request_->has_expected_revision() && draft.state().revision > 0 &&
          request_->expected_revision() != draft.state().revision) {
        return domain::RevisionConflict(request_->expected_revision(), draft.state().revision);
      }
    }
    if (const absl::Status persons = CheckPersons(draft); !persons.ok()) return persons;
    absl::StatusOr<std::vector<trust::v1::Event>> events = decide_(draft.state(), *request_, context);
    if (!events.ok()) return events.status();
    if (events->empty()) {
      revision_ = draft.state().revision;
      return absl::OkStatus();
    }
    SignBy(caller_, &*events);
    if (!request_id.empty()) {
      events->front().set_request_id(request_id);
      events->front().set_request_fingerprint(fingerprint_);
    }
    draft.Complete(*events);
    if (request_->validate_only()) {
      revision_ = draft.state().revision;
      preview_ = *std::move(events);
      return absl::OkStatus();
    }
    std::vector<std::vector<eventstore::SealedPart>> sealed;
    if (const absl::Status status = SealAll(*events, &sealed); !status.ok()) return status;
    count_ = events->size();
    if (!request_id.empty()) {
      draft.rows().Put(
          kRequestTable, request_id,
          EncodeDeed({fingerprint_, partnership(), events->front().revision(), static_cast<int64_t>(count_)}));
    }
    first_ = draft.Accept(*std::move(events), std::move(sealed));
    revision_ = draft.state().revision;
    return absl::OkStatus();
  }

  // Of a person erased nothing new is kept; the erasure may have been decided in this very batch.
  absl::Status CheckPersons(const Draft& draft) const {
    for (const std::string& contact : PersonsIn(*request_)) {
      const absl::StatusOr<std::optional<std::string>> row = draft.rows().Get(kErasureTable, contact);
      if (!row.ok()) return ReadFault(row.status());
      if (row->has_value()) return domain::ContactErased(contact);
    }
    return absl::OkStatus();
  }

  // Takes what is personal out of the events, into the record's sealed parts and into clear_.
  absl::Status SealAll(std::vector<trust::v1::Event>& events,
                       std::vector<std::vector<eventstore::SealedPart>>* sealed) {
    if (keys_.empty()) return absl::OkStatus();
    sealed->resize(events.size());
    clear_.resize(events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      const absl::Status status = SealPersonalData(partnership(), keys_, &events[i], &(*sealed)[i], &clear_[i]);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const Request* const request_;
  const Recall recall_;
  const Caller caller_;
  CommandDone done_;
  const Decider decide_;
  const PersonalKeys keys_;
  std::string fingerprint_;

  // What Judge decided.
  absl::Status refusal_;
  std::optional<Deed> repeated_;
  std::vector<trust::v1::Event> preview_;
  int64_t revision_ = 0;
  size_t first_ = 0;
  size_t count_ = 0;
  std::vector<trust::v1::Event> clear_;  // What was sealed of each event, and nothing else of it.
};

}  // namespace services

#endif  // SERVICES_DECIDED_COMMAND_H_
