#include "tests/simulation/subscriber.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace simulation {

void Subscriber::Connect(SimulatedServer* server, bool lost_the_last) {
  if (!server->watches().Enter(this).ok()) return;
  if (lost_the_last) place_ = place_before_;
  server_ = server;
  trust::v1::WatchEventsRequest request;
  request.set_partnership(interest_.partnership);
  if (!interest_.kind.empty()) request.add_kinds(interest_.kind);
  request.set_after_position(place_.resume);
  services::EventWatch::Config config;
  config.batch_events_max = 4;
  config.batch_bytes_max = 600;
  config.scanned_records_max = 9;
  const eventstore::EventStore* store = &server->store();
  if (plant_ == Plant::kSubscriberSkipsOne) {
    planted_ = std::make_unique<PlantedFollower>(&server->store());
    store = planted_.get();
  }
  server_->tail().Enter();
  watch_ = std::make_unique<services::EventWatch>(config, store, &server_->tail(), request);
  Park(/*at_once=*/true);
}

void Subscriber::Disconnect() {
  if (watch_ == nullptr) return;
  server_->watches().Wake(this);  // As a caller's going does; it is parked only when it is not due.
  if (!due_) static_cast<void>(server_->watches().RunOnce());
  server_->watches().Leave(this);
  server_->tail().Leave();
  watch_ = nullptr;
  due_ = late_ = false;
}

void Subscriber::Park(bool at_once) {
  due_ = false;
  if (!server_->watches().Park(this, clock_->Now() + server_->watches().heartbeat(), at_once)) End();
}

absl::Status Subscriber::Step() {
  if (!due_) return absl::OkStatus();
  if (!late_ && watch_->PassOver()) {
    Park(/*at_once=*/false);
    return absl::OkStatus();
  }
  std::deque<trust::v1::WatchEventsResponse> messages;
  const absl::Status told = watch_->Next(late_, &messages);
  if (!told.ok()) {
    // A partnership that is not there yet cannot be followed yet.
    trace_->Add("subscriber ", number_, " ended: ", absl::StatusCodeToString(told.code()));
    const bool not_yet = absl::IsNotFound(told) && book_->histories().count(interest_.partnership) == 0;
    Disconnect();
    if (not_yet) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("subscriber ", number_, " was refused: ", told.ToString()));
  }
  for (const trust::v1::WatchEventsResponse& message : messages) {
    const absl::Status seen = See(message);
    if (!seen.ok()) return seen;
  }
  Park(!messages.empty());
  return absl::OkStatus();
}

absl::Status Subscriber::See(const trust::v1::WatchEventsResponse& message) {
  if (const absl::Status taken = book_->TakeIn(server_->store()); !taken.ok()) return taken;
  place_before_ = place_;
  place_.resume = message.resume_position();
  for (const trust::v1::Event& event : message.events().events()) {
    const size_t next = PassOver(place_.seen);
    trace_->Add("subscriber ", number_, " sees ", event.log_position());
    if (next == book_->log().size() || book_->log()[next].bytes != event.SerializeAsString()) {
      return absl::InternalError(absl::StrCat("subscriber ", number_, " sees ", event.partnership(), " revision ",
                                              event.revision(), " where position ", next + 1, " was next"));
    }
    place_.seen = next + 1;
    ++events_;
  }
  if (message.has_caught_up()) {
    place_.seen = PassOver(place_.seen);
    trace_->Add("subscriber ", number_, " has caught up");
    if (place_.seen != book_->log().size()) {
      return absl::InternalError(absl::StrCat("subscriber ", number_,
                                              " is told that it has caught up, and was not told "
                                              "of position ",
                                              place_.seen + 1));
    }
  }
  return absl::OkStatus();
}

bool Subscriber::Follows(const LoggedEvent& event) const {
  if (!interest_.partnership.empty() && event.stream != interest_.partnership) return false;
  return interest_.kind.empty() || event.type == interest_.kind ||
         (absl::EndsWith(interest_.kind, ".") && absl::StartsWith(event.type, interest_.kind));
}

size_t Subscriber::PassOver(size_t seen) const {
  while (seen < book_->log().size() && !Follows(book_->log()[seen])) ++seen;
  return seen;
}

bool Subscriber::HasSeenAll() const { return PassOver(place_.seen) == book_->log().size(); }

}  // namespace simulation
