#include "services/partnership_loader.h"

#include "services/event_codec.h"
#include "services/store_fault.h"

namespace services {

absl::Status VisitEvents(const eventstore::EventStore& store, absl::string_view partnership, uint64_t after_revision,
                         bool with_position, absl::FunctionRef<bool(trust::v1::Event& event)> visit) {
  trust::v1::Event event;
  absl::Status decoded;
  const absl::Status read = store.ReadStream(partnership, after_revision, [&](const eventstore::RecordedEvent& record) {
    decoded = Decode(record, with_position, &event);
    return decoded.ok() && visit(event);
  });
  if (!decoded.ok()) return ReadFault(decoded);
  if (!read.ok()) return ReadFault(read);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<projections::Partnership>> LoadPartnership(const eventstore::EventStore& store,
                                                                          const std::string& partnership) {
  auto state = std::make_unique<projections::Partnership>();
  state->id = partnership;
  const absl::Status visited = VisitEvents(store, partnership, 0, false, [&](trust::v1::Event& event) {
    projections::Evolve(*state, event);
    return true;
  });
  if (!visited.ok()) return visited;
  return state;
}

}  // namespace services
