// A command lane over a store in memory that fails when told to, with a clock and a pool that the test moves on, and
// what the lane publishes and answers.

#ifndef TESTS_SERVICES_COMMAND_LANE_FIXTURE_H_
#define TESTS_SERVICES_COMMAND_LANE_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "services/command_lane.h"
#include "services/decided_command.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_store.h"
#include "tests/support/step_executor.h"

namespace services {

class CommandLaneTest : public testing::Test {
 protected:
  using CreatePartnershipRequest = trust::v1::CreatePartnershipRequest;
  using RecordEvidenceRequest = trust::v1::RecordEvidenceRequest;

  static constexpr char kUuid[] = "0b7a8c1e-3f52-4c1b-9d1e-6f1f5d2a9c01";

  static absl::Time At(const char* day) {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", day, &time, &error)) << error;
    return time;
  }

  static CreatePartnershipRequest Founding(const std::string& partnership) {
    CreatePartnershipRequest request;
    request.set_partnership(partnership);
    request.add_partners()->set_organization("acme");
    request.add_partners()->set_organization("globex");
    request.set_recorder("acme");
    request.mutable_initial_contact_time()->set_seconds(absl::ToUnixSeconds(At("2020-01-06")));
    return request;
  }

  static RecordEvidenceRequest Kept(const std::string& partnership, const std::string& correlation_id = "") {
    RecordEvidenceRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    request.mutable_occur_time()->set_seconds(absl::ToUnixSeconds(At("2020-02-03")));
    request.mutable_evidence()->set_actor("globex");
    request.mutable_evidence()->add_affected("acme");
    request.mutable_evidence()->mutable_commitment_fulfilled();
    request.set_correlation_id(correlation_id);
    return request;
  }

  // What a caller was told.
  using Told = std::shared_ptr<std::optional<absl::StatusOr<CommandOutcome>>>;

  class Recorder : public Publisher {
   public:
    void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override {
      for (const trust::v1::Event& event : events) {
        published.push_back(partnership + "#" + std::to_string(event.revision()) + " " + EventType(event));
      }
    }
    std::vector<std::string> published;
  };

  void Open(const CommandLane::Config& config = {}) {
    lane_ = std::make_unique<CommandLane>(config, &store_, &clock_, &pool_, &publisher_, [this] { ++store_failures_; });
  }

  template <class Request>
  Told Submit(const Request& request, absl::Time deadline = absl::InfiniteFuture()) {
    return SubmitThen(request, deadline, [] {});
  }

  // Calls then when the caller is told.
  template <class Request>
  Told SubmitThen(const Request& request, absl::Time deadline, std::function<void()> then) {
    auto told = std::make_shared<std::optional<absl::StatusOr<CommandOutcome>>>();
    auto kept = std::make_shared<Request>(request);
    Caller caller;
    caller.deadline = deadline;
    lane_->Submit(std::make_unique<DecidedCommand<Request>>(
        kept.get(), "Method", Recall{&store_, &pool_}, std::move(caller),
        [told, kept, then = std::move(then)](absl::StatusOr<CommandOutcome> outcome) {
          *told = std::move(outcome);
          then();
        }));
    return told;
  }

  // Lets everything that can happen happen.
  void Settle() {
    while (lane_->RunBatch() || pool_.RunOne()) {
    }
  }

  template <class Request>
  Told Do(const Request& request) {
    Told told = Submit(request);
    Settle();
    EXPECT_TRUE(told->has_value()) << "the caller was never told";
    return told;
  }

  static std::string Words(const Told& told) {
    if (!told->has_value()) return "not told";
    if ((*told)->ok()) return "revision " + std::to_string((**told)->revision);
    return trust::v1::ErrorReason_Name(domain::ReasonOf((*told)->status()));
  }

  std::string History(const std::string& partnership) {
    std::string text;
    EXPECT_TRUE(store_
                    .ReadStream(partnership, 0,
                                [&](const eventstore::RecordedEvent& event) {
                                  text += std::to_string(event.revision) + ":" + std::string(event.type) + " ";
                                  return true;
                                })
                    .ok());
    return text;
  }

  eventstore::MemoryStore memory_;
  support::FaultyStore store_{&memory_};
  support::FakeClock clock_{At("2024-01-01")};
  support::StepExecutor pool_;
  Recorder publisher_;
  int store_failures_ = 0;
  std::unique_ptr<CommandLane> lane_;
};

}  // namespace services

#endif  // TESTS_SERVICES_COMMAND_LANE_FIXTURE_H_
