// A caller that follows the log: it parks with the hub of watches as a stream does, reads on when it is told to, breaks
// off and resumes, and must see every event once and in order.

#ifndef TESTS_SIMULATION_SUBSCRIBER_H_
#define TESTS_SIMULATION_SUBSCRIBER_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/event_watch.h"
#include "services/watch_hub.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/plant.h"
#include "tests/simulation/record_book.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/trace.h"

namespace simulation {

class Subscriber : public services::Watcher {
 public:
  // What is to be followed; empty fields: everything.
  struct Interest {
    std::string partnership;
    std::string kind;
  };

  // All outlive the subscriber.
  Subscriber(int number, Interest interest, const services::Clock* clock, RecordBook* book, Trace* trace, Plant plant)
      : number_(number), interest_(std::move(interest)), clock_(clock), book_(book), trace_(trace), plant_(plant) {}
  ~Subscriber() override { Disconnect(); }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Goes on behind what it saw last, or, having lost what came last, behind what it saw before that.
  void Connect(SimulatedServer* server, bool lost_the_last);
  void Disconnect();
  bool is_connected() const { return watch_ != nullptr; }

  // Does what the hub told it to. Errors: what it saw was wrong.
  absl::Status Step();
  bool is_due() const { return due_; }
  // True when it has seen all there is.
  bool HasSeenAll() const;
  int events() const { return events_; }

  bool IsBehind() const override { return watch_ != nullptr && watch_->IsBehind(); }
  void Continue(bool late) override {
    due_ = true;
    late_ = late;
  }
  void End() override { due_ = false; }

 private:
  struct Place {
    std::string resume;
    size_t seen = 0;  // So many records of the log were told, or are none of its.
  };

  bool Follows(const LoggedEvent& event) const;
  size_t PassOver(size_t seen) const;
  absl::Status See(const trust::v1::WatchEventsResponse& message);
  void Park(bool at_once);

  const int number_;
  const Interest interest_;
  const services::Clock* const clock_;
  RecordBook* const book_;
  Trace* const trace_;
  const Plant plant_;
  SimulatedServer* server_ = nullptr;
  std::unique_ptr<PlantedFollower> planted_;
  std::unique_ptr<services::EventWatch> watch_;
  bool due_ = false, late_ = false;
  Place place_, place_before_;
  int events_ = 0;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SUBSCRIBER_H_
