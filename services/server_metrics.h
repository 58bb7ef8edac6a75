// All numbers that the server shows of itself, read from its parts at the moment of the call. No partnership, no
// person and no caller is named in any of them; deploy/README.md has the table.

#ifndef SERVICES_SERVER_METRICS_H_
#define SERVICES_SERVER_METRICS_H_

#include <atomic>
#include <string>
#include <vector>

#include "eventstore/event_store.h"
#include "services/backups.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "services/command_lane.h"
#include "services/executor.h"
#include "services/follower_places.h"
#include "services/identity_standing.h"
#include "services/metric_family.h"
#include "services/reading_cache.h"
#include "services/rpc/acceptor.h"
#include "services/rpc/call_meter.h"
#include "services/snapshots.h"
#include "services/span_export.h"
#include "services/standing_index.h"
#include "services/watch_hub.h"

namespace services {

// Where the numbers are; each but spans is there, and outlives the reading.
struct MetricSources {
  std::string version;  // The program's.
  const std::atomic<bool>* serving;
  const rpc::CallMeter* calls;
  const rpc::Acceptor* acceptor;
  const CommandLane* lane;
  const ThreadPool* pool;
  const eventstore::EventStore* store;
  const Clock* clock;
  const ReadingCache* readings;
  const Snapshots* snapshots;
  const StandingIndex* index;
  const WatchHub* watches;
  const FollowerPlaces* followers;
  const Checkpointer* checkpointer;
  const Backups* backups;
  const IdentityStanding* identity;
  const SpanExport* spans;  // Null where there are none.
};

// Blocks on the disk at most for what the file system and /proc tell; holds up no call and no command.
std::vector<MetricFamily> ReadServerMetrics(const MetricSources& sources);

}  // namespace services

#endif  // SERVICES_SERVER_METRICS_H_
