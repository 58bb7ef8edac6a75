// Of a history what had happened by a day, as a report shows it: given event by event, it keeps the last so many of
// those. Pure.

#ifndef SERVICES_TRUSTCTL_EVENT_WINDOW_H_
#define SERVICES_TRUSTCTL_EVENT_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "google/protobuf/timestamp.pb.h"
#include "trust/v1/events.pb.h"

namespace trustctl {

// When evidence happened according to the last correction that says so, by the revision of the evidence.
using CorrectedTimes = std::map<int64_t, google::protobuf::Timestamp>;

class EventWindow {
 public:
  struct Bounds {
    std::optional<google::protobuf::Timestamp> as_of = std::nullopt;  // Had happened by then; absent for all.
    std::optional<google::protobuf::Timestamp> known = std::nullopt;  // Was on record by then; absent for all.
    size_t events_max = 0;                                            // From 1.
  };

  // corrected need not have what is not known; it may be empty without as_of.
  EventWindow(Bounds bounds, CorrectedTimes corrected);

  // Takes the next event of the history. What retracts, corrects, confirms or contests another event is kept with that
  // one, whenever it was said: it has no day of its own.
  void Take(const trust::v1::Event& event);

  // How many passed and were dropped for those after them.
  int64_t left_out() const { return left_out_; }

  // The events that are kept, in their order; none are left.
  std::vector<trust::v1::Event> Finish();

 private:
  bool HadHappened(const trust::v1::Event& event) const;

  const Bounds bounds_;
  const CorrectedTimes corrected_;
  std::deque<trust::v1::Event> kept_;
  int64_t left_out_ = 0;
};

// Whether the event was on record by the time; an imported one counts from when it was first recorded.
bool WasKnown(const trust::v1::Event& event, const google::protobuf::Timestamp& time);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EVENT_WINDOW_H_
