#include "tests/simulation/simulated_server.h"

#include <algorithm>
#include <utility>

#include "services/event_codec.h"
#include "services/log_position.h"
#include "tests/simulation/forwarding_store.h"

namespace simulation {
namespace {

constexpr size_t kTasksMax = 64;
constexpr size_t kReadingsBytesMax = size_t{64} << 20;

// Batches so small that most things take several.
services::StandingIndex::Config SmallIndex() {
  services::StandingIndex::Config config;
  config.batch_events_max = 9;
  config.batch_partnerships_max = 2;
  config.batch_bytes_max = 4000;
  config.changes_kept_max = 40;
  config.changes_in_memory_max = 4;
  return config;
}

// A queue so short that it is full at times, and a cache of states that holds few.
services::CommandLane::Config SmallLane() {
  services::CommandLane::Config config;
  config.commands_waiting_max = 12;
  config.batch_commands_max = 5;
  config.batch_bytes_max = 1500;
  config.state_cache_bytes_max = 6000;
  return config;
}

// Says nothing: what the lane publishes was published already.
class Silence : public services::Publisher {
 public:
  void Publish(const std::string&, absl::Span<const trust::v1::Event>) override {}
};

}  // namespace

bool DrawnExecutor::Post(std::function<void()> task) {
  if (full || tasks_.size() >= kTasksMax) return false;
  tasks_.push_back(std::move(task));
  return true;
}

bool DrawnExecutor::RunOne(Dice& dice) {
  if (tasks_.empty()) return false;
  const size_t drawn = dice.Below(tasks_.size());
  const std::function<void()> task = std::move(tasks_[drawn]);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(drawn));
  task();
  return true;
}

// Where the server meets its store: other threads run before and after a write of events.
class SimulatedServer::Seam : public ForwardingStore {
 public:
  Seam(SimulatedServer* server, eventstore::EventStore* under) : ForwardingStore(under), server_(*server) {}

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override {
    if (server_.world_.plant == Plant::kCheckpointBeforeWrite) server_.Foresee(append);
    server_.world_.meanwhile(Moment::kBeforeWrite);
    absl::StatusOr<eventstore::Appended> appended = under().Write(append);
    if (appended.ok()) server_.world_.meanwhile(Moment::kAfterWrite);
    return appended;
  }

 private:
  SimulatedServer& server_;
};

class SimulatedServer::Waker : public services::Publisher {
 public:
  Waker(services::StandingIndex* index, services::WatchHub* watches) : index_(*index), watches_(*watches) {}
  void Publish(const std::string&, absl::Span<const trust::v1::Event>) override {
    index_.Wake();
    watches_.Notify();
  }

 private:
  services::StandingIndex& index_;
  services::WatchHub& watches_;
};

SimulatedServer::SimulatedServer(World world)
    : world_(std::move(world)),
      planted_(world_.plant, world_.engine, [this](const eventstore::Append& append) { PublishEarly(append); }),
      seam_(std::make_unique<Seam>(this, &planted_)),
      planted_readings_(seam_.get()),
      watches_({}, world_.clock) {
  const bool twice = world_.plant == Plant::kSnapshotAppliesTwice;
  readings_ = std::make_unique<services::ReadingCache>(
      twice ? static_cast<eventstore::EventStore*>(&planted_readings_) : seam_.get(), &policies_, kReadingsBytesMax);
  index_ = std::make_unique<services::StandingIndex>(
      SmallIndex(), seam_.get(), world_.clock, readings_.get(), [this] { return PolicyInForce(); },
      [this] { watches_.Notify(); }, world_.on_store_failed);
  const bool foresees = world_.plant == Plant::kCheckpointBeforeWrite;
  checkpointer_ = std::make_unique<services::Checkpointer>(
      services::Checkpointer::Config(), foresees ? static_cast<eventstore::EventStore*>(&foreseen_) : seam_.get(),
      world_.clock, world_.key, std::move(world_.watermark));
  waker_ = std::make_unique<Waker>(index_.get(), &watches_);
  publishers_ = std::make_unique<services::PublisherChain>(
      std::vector<services::Publisher*>{world_.observer, &policies_, readings_.get(), &tail_, waker_.get()});
  if (world_.plant == Plant::kPublishBeforeWrite) lane_publisher_ = std::make_unique<Silence>();
  lane_ = std::make_unique<services::CommandLane>(
      SmallLane(), seam_.get(), world_.clock, world_.pool,
      lane_publisher_ != nullptr ? lane_publisher_.get() : publishers_.get(), world_.on_store_failed);
}

SimulatedServer::~SimulatedServer() = default;

absl::Status SimulatedServer::Prepare() {
  const absl::Status policies = policies_.CatchUp(*seam_);
  if (!policies.ok()) return policies;
  index_->Prepare();
  if (world_.plant == Plant::kCheckpointBeforeWrite) Foresee({});
  checkpointer_->RunOnce();
  return absl::OkStatus();
}

std::string SimulatedServer::PolicyInForce() {
  static_cast<void>(policies_.CatchUp(*seam_));  // As the running server does.
  return policies_.InForce()->sha256;
}

void SimulatedServer::PublishEarly(const eventstore::Append& append) {
  uint64_t position = world_.engine->LogSize();
  const absl::Time time = std::max(append.record_time, world_.engine->LatestRecordTime());
  for (const eventstore::StreamAppend& stream : append.streams) {
    std::vector<trust::v1::Event> events;
    uint64_t revision = stream.expected_revision;
    for (const eventstore::EventData& data : stream.events) {
      eventstore::RecordedEvent record{++position, stream.stream, ++revision, time, data.type, data.data};
      static_cast<void>(services::Decode(record, true, &events.emplace_back()));
    }
    publishers_->Publish(stream.stream, events);
  }
}

void SimulatedServer::Foresee(const eventstore::Append& append) {
  static_cast<void>(world_.engine->ReadLog(foreseen_.LogSize(), [this](const eventstore::RecordedEvent& record) {
    eventstore::StreamAppend stream{
        std::string(record.stream), record.revision - 1, {{std::string(record.type), std::string(record.data)}}};
    return foreseen_.Write({record.record_time, {std::move(stream)}, {}}).ok();
  }));
  if (!append.streams.empty()) static_cast<void>(foreseen_.Write(append).ok());
}

}  // namespace simulation
