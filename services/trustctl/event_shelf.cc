#include "services/trustctl/event_shelf.h"

namespace trustctl {
namespace {

// Fetching a stretch that is not needed costs less than another call.
constexpr int64_t kStretchMax = 200;

}  // namespace

absl::Status EventShelf::Fetch(const std::set<int64_t>& revisions) {
  for (auto first = revisions.begin(); first != revisions.end(); ++first) {
    if (events_.count(*first) > 0) continue;
    auto last = revisions.lower_bound(*first + kStretchMax);
    --last;
    trust::v1::ListEventsRequest request;
    request.set_partnership(partnership_);
    request.set_after_revision(*first - 1);
    request.set_page_size(static_cast<int32_t>(*last - *first + 1));
    const auto page = list_events_(request);
    if (!page.ok()) return page.status();
    // A page may end early; what is missing then is asked for as the loop comes to it.
    for (const trust::v1::Event& event : page->events()) {
      if (revisions.count(event.revision()) > 0) events_[event.revision()] = event;
    }
  }
  return absl::OkStatus();
}

const trust::v1::Event* EventShelf::Find(int64_t revision) const {
  const auto found = events_.find(revision);
  return found == events_.end() ? nullptr : &found->second;
}

}  // namespace trustctl
