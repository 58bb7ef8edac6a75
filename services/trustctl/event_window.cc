#include "services/trustctl/event_window.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "services/trustctl/words.h"

namespace trustctl {
namespace {

bool IsLater(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return a.seconds() != b.seconds() ? a.seconds() > b.seconds() : a.nanos() > b.nanos();
}

// The event that this one is about; empty for one that stands for itself.
std::string SubjectOf(const trust::v1::Event& event) {
  if (event.has_evidence_corrected()) return event.evidence_corrected().event();
  if (event.has_evidence_retracted()) return event.evidence_retracted().event();
  if (event.has_evidence_confirmed()) return event.evidence_confirmed().event();
  if (event.has_evidence_contested()) return event.evidence_contested().event();
  return "";
}

}  // namespace

EventWindow::EventWindow(Bounds bounds, CorrectedTimes corrected)
    : bounds_(std::move(bounds)), corrected_(std::move(corrected)) {}

void EventWindow::Take(const trust::v1::Event& event) {
  if (bounds_.known && !WasKnown(event, *bounds_.known)) return;
  if (bounds_.as_of && !HadHappened(event)) return;
  kept_.push_back(event);
  if (kept_.size() <= bounds_.events_max) return;
  kept_.pop_front();
  ++left_out_;
}

bool EventWindow::HadHappened(const trust::v1::Event& event) const {
  if (const std::string subject = SubjectOf(event); !subject.empty()) {
    const int64_t revision = RevisionOf(subject);
    const auto found = std::lower_bound(kept_.begin(), kept_.end(), revision,
                                        [](const trust::v1::Event& kept, int64_t of) { return kept.revision() < of; });
    return found != kept_.end() && found->revision() == revision;
  }
  const auto corrected = corrected_.find(event.revision());
  return !IsLater(corrected == corrected_.end() ? event.occur_time() : corrected->second, *bounds_.as_of);
}

std::vector<trust::v1::Event> EventWindow::Finish() {
  std::vector<trust::v1::Event> events(std::make_move_iterator(kept_.begin()), std::make_move_iterator(kept_.end()));
  kept_.clear();
  return events;
}

bool WasKnown(const trust::v1::Event& event, const google::protobuf::Timestamp& time) {
  return !IsLater(event.import_origin().has_original_record_time() ? event.import_origin().original_record_time()
                                                                   : event.record_time(),
                  time);
}

}  // namespace trustctl
