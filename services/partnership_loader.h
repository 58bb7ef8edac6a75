// Reads a partnership's events from the store and folds them. Blocks on the disk: for the pool alone.

#ifndef SERVICES_PARTNERSHIP_LOADER_H_
#define SERVICES_PARTNERSHIP_LOADER_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "projections/partnership.h"
#include "trust/v1/events.pb.h"

namespace services {

class PersonalData;

// The decision state of a partnership; revision 0 when there is none. Errors: LOG_DAMAGED, INTERNAL.
absl::StatusOr<std::unique_ptr<projections::Partnership>> LoadPartnership(const eventstore::EventStore& store,
                                                                          const std::string& partnership);

// Visits the events of a partnership after a revision, decoded, in order; visit returns false to stop. The event lives
// as long as the visit. With personal, notes and profiles are opened, for callers to see; folds do without. Errors:
// LOG_DAMAGED, INTERNAL; KEYS_UNAVAILABLE, with personal.
absl::Status VisitEvents(const eventstore::EventStore& store, absl::string_view partnership, uint64_t after_revision,
                         bool with_position, absl::FunctionRef<bool(trust::v1::Event& event)> visit,
                         const PersonalData* personal = nullptr);
// The same for a fold, of trust or of decision states, sooner: events as DecodeForFold reads them.
absl::Status VisitForFold(const eventstore::EventStore& store, absl::string_view partnership, uint64_t after_revision,
                          absl::FunctionRef<void(const trust::v1::Event& event)> visit);

}  // namespace services

#endif  // SERVICES_PARTNERSHIP_LOADER_H_
