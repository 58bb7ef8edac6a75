// The server without its wire: the same parts, bound together as the running one binds them, and every thread a step
// that the simulation takes.

#ifndef TESTS_SIMULATION_SIMULATED_SERVER_H_
#define TESTS_SIMULATION_SIMULATED_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/event_store.h"
#include "eventstore/memory_store.h"
#include "eventstore/signing_key.h"
#include "eventstore/watermark.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "services/command_lane.h"
#include "services/event_tail.h"
#include "services/executor.h"
#include "services/policy_registry.h"
#include "services/publisher_chain.h"
#include "services/reading_cache.h"
#include "services/standing_index.h"
#include "services/watch_hub.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/plant.h"

namespace simulation {

// A pool whose tasks wait until they are drawn: two threads would end them in any order.
class DrawnExecutor : public services::Executor {
 public:
  [[nodiscard]] bool Post(std::function<void()> task) override;

  // Runs one of them; false when there is none.
  bool RunOne(Dice& dice);
  size_t waiting() const { return tasks_.size(); }

  bool full = false;

 private:
  std::vector<std::function<void()>> tasks_;
};

class SimulatedServer {
 public:
  // Before and after a write of events, other threads may run.
  enum class Moment { kBeforeWrite, kAfterWrite };

  struct World {
    eventstore::EventStore* engine;
    const services::Clock* clock;
    DrawnExecutor* pool;
    services::Publisher* observer;  // Told first of what was published.
    std::function<void(Moment)> meanwhile;
    std::function<void()> on_store_failed;
    std::optional<eventstore::SigningKey> key;
    std::optional<eventstore::WatermarkFile> watermark;
    Plant plant;
  };

  explicit SimulatedServer(World world);
  ~SimulatedServer();

  // What the running server does before it serves.
  absl::Status Prepare();

  services::CommandLane& lane() { return *lane_; }
  services::StandingIndex& index() { return *index_; }
  services::ReadingCache& readings() { return *readings_; }
  services::Checkpointer& checkpointer() { return *checkpointer_; }
  services::WatchHub& watches() { return watches_; }
  services::EventTail& tail() { return tail_; }
  eventstore::EventStore& store() { return *seam_; }

 private:
  class Seam;
  class Waker;

  void PublishEarly(const eventstore::Append& append);
  void Foresee(const eventstore::Append& append);
  std::string PolicyInForce();

  World world_;
  PlantedStore planted_;
  const std::unique_ptr<eventstore::EventStore> seam_;
  PlantedReadings planted_readings_;
  eventstore::MemoryStore foreseen_;  // Of kCheckpointBeforeWrite: the log with what is being written.
  services::PolicyRegistry policies_;
  std::unique_ptr<services::ReadingCache> readings_;
  services::WatchHub watches_;
  services::EventTail tail_;
  std::unique_ptr<services::StandingIndex> index_;
  std::unique_ptr<services::Checkpointer> checkpointer_;
  std::unique_ptr<Waker> waker_;
  std::unique_ptr<services::PublisherChain> publishers_;
  std::unique_ptr<services::Publisher> lane_publisher_;
  std::unique_ptr<services::CommandLane> lane_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SIMULATED_SERVER_H_
