#include "services/partnership_loader.h"

#include "services/event_codec.h"
#include "services/personal_data.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {

absl::Status VisitEvents(const eventstore::EventStore& store, absl::string_view partnership, uint64_t after_revision,
                         bool with_position, absl::FunctionRef<bool(trust::v1::Event& event)> visit,
                         const PersonalData* personal) {
  trust::v1::Event event;
  absl::Status decoded, revealed;
  const absl::Status read = store.ReadStream(partnership, after_revision, [&](const eventstore::RecordedEvent& record) {
    decoded = Decode(record, with_position, &event);
    if (decoded.ok() && personal != nullptr) revealed = personal->Reveal(record, &event);
    return decoded.ok() && revealed.ok() && visit(event);
  });
  if (!decoded.ok()) return ReadFault(decoded);
  if (!revealed.ok()) return revealed;
  if (!read.ok()) return ReadFault(read);
  return absl::OkStatus();
}

absl::Status VisitForFold(const eventstore::EventStore& store, absl::string_view partnership, uint64_t after_revision,
                          absl::FunctionRef<void(const trust::v1::Event& event)> visit) {
  trust::v1::Event event;
  absl::Status decoded;
  const absl::Status read = store.ReadStream(partnership, after_revision, [&](const eventstore::RecordedEvent& record) {
    decoded = DecodeForFold(record, &event);
    if (decoded.ok()) visit(event);
    return decoded.ok();
  });
  if (!decoded.ok()) return ReadFault(decoded);
  return read.ok() ? read : ReadFault(read);
}

absl::StatusOr<std::unique_ptr<projections::Partnership>> LoadPartnership(const eventstore::EventStore& store,
                                                                          const std::string& partnership) {
  auto state = std::make_unique<projections::Partnership>();
  state->id = partnership;
  if (partnership == kAccessStream) {
    const absl::StatusOr<uint64_t> revision = store.StreamRevision(partnership);
    if (!revision.ok()) return ReadFault(revision.status());
    state->revision = static_cast<int64_t>(*revision);
    return state;
  }
  const absl::Status visited =
      VisitForFold(store, partnership, 0, [&](const trust::v1::Event& event) { projections::Evolve(*state, event); });
  if (!visited.ok()) return visited;
  return state;
}

}  // namespace services
