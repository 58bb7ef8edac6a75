// What the services are made of: borrowed, bound together once by the server, outliving every call.

#ifndef SERVICES_SERVICE_PARTS_H_
#define SERVICES_SERVICE_PARTS_H_

#include <functional>

#include "eventstore/event_store.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "services/command_lane.h"
#include "services/executor.h"
#include "services/policy_registry.h"
#include "services/reading_cache.h"

namespace identity {
class Guard;
}  // namespace identity

namespace services {

class AccessRecord;
class Backups;
class EventTail;
class FollowerPlaces;
class IdentityStanding;
class PartnerBook;
class PersonalData;
class StandingIndex;
class WatchHub;

struct ServiceParts {
  const eventstore::EventStore* store = nullptr;
  const Clock* clock = nullptr;
  Executor* pool = nullptr;
  CommandLane* lane = nullptr;
  ReadingCache* readings = nullptr;
  PolicyRegistry* policies = nullptr;
  StandingIndex* index = nullptr;
  WatchHub* watches = nullptr;
  EventTail* tail = nullptr;
  Executor* followers = nullptr;  // Runs what watches of events read: they must not keep other reads waiting.
  Checkpointer* checkpointer = nullptr;
  PersonalData* personal = nullptr;
  Executor* key_pool = nullptr;  // One thread for the keys: a rewriting of their store holds up nothing else.
  AccessRecord* access = nullptr;
  const identity::Guard* guard = nullptr;  // Null where callers are not authenticated: each may do everything.
  const PartnerBook* partners = nullptr;   // Filled where there is a guard.
  Backups* backups = nullptr;
  FollowerPlaces* follower_places = nullptr;
  const IdentityStanding* identity = nullptr;
};

// Lists ask for at most so much at once.
inline constexpr int kPageSizeDefault = 50;
inline constexpr int kPageSizeMax = 1000;

// OVERLOADED, for reads.
absl::Status ReadsOverloaded();

// Calls then once the standing index can answer for a min_position that was checked: at once, or later on the index's
// thread; with INDEX_NOT_READY and what WhenAt hands on otherwise. Never blocks, and then must not.
void WhenIndexed(const ServiceParts& parts, absl::string_view min_position, std::function<void(absl::Status)> then);

}  // namespace services

#endif  // SERVICES_SERVICE_PARTS_H_
