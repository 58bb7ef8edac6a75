#include "services/event_list.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/log_position.h"
#include "services/personal_data.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {
namespace {

// A message stays well below what clients accept by default (4 MiB).
constexpr size_t kPageBytesMax = 1 << 20;

EventFilter FilterOf(const trust::v1::ListEventsRequest& request) {
  QueryChecks checks;  // They were made before.
  return EventFilter::Of(request, checks);
}

std::string ArgumentsOf(const trust::v1::ListEventsRequest& request, const EventFilter& filter) {
  std::string arguments = absl::StrCat("ListEvents\n", request.partnership(), "\n", request.after_revision());
  if (const std::string text = filter.Text(); !text.empty()) absl::StrAppend(&arguments, "\n", text);
  return arguments;
}

}  // namespace

absl::Status Check(const trust::v1::ListEventsRequest& request) {
  const bool of_partnership = !request.partnership().empty();
  QueryChecks checks;
  if (of_partnership) checks.Id("partnership", request.partnership());
  if (request.after_revision() < 0) checks.Wrong("after_revision", "is negative; use 0 to begin at the start");
  if (!of_partnership && request.after_revision() != 0) checks.Wrong("after_revision", "needs a partnership");
  checks.PageSize(request.page_size());
  checks.Range("wait_ms", request.wait_ms(), 0, kListWaitMsMax);
  EventFilter::Of(request, checks);
  return checks.Verdict();
}

EventList::EventList(const eventstore::EventStore* store, const PersonalData* personal,
                     const trust::v1::ListEventsRequest* request)
    : store_(store),
      request_(request),
      cursor_(store, request->partnership(), FilterOf(*request), personal),
      arguments_(ArgumentsOf(*request, cursor_.filter())) {}

absl::Status EventList::Begin() {
  const absl::Status position = CheckMinPosition(*store_, request_->min_position());
  if (!position.ok()) return position;
  const absl::StatusOr<std::string> place = ParsePageToken(request_->page_token(), arguments_);
  if (!place.ok()) return place.status();
  uint64_t after = static_cast<uint64_t>(request_->after_revision());
  if (!place->empty() && !absl::SimpleAtoi(*place, &after)) return InvalidPageToken();
  if (of_partnership()) {
    const absl::StatusOr<uint64_t> revision = store_->StreamRevision(request_->partnership());
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(request_->partnership());
    cursor_.GoTo(0, after);
  } else {
    cursor_.GoTo(after, 0);
  }
  begun_ = true;
  return absl::OkStatus();
}

absl::Status EventList::Read(trust::v1::ListEventsResponse* response, bool* ended) {
  if (!begun_) {
    const absl::Status begun = Begin();
    if (!begun.ok()) return begun;
  }
  ReadBudget budget;
  budget.events_max = static_cast<size_t>(QueryChecks().PageSize(request_->page_size()));
  budget.bytes_max = kPageBytesMax;
  return cursor_.Read(budget, response->mutable_events(), ended);
}

std::string EventList::NextPageToken() const {
  return PageToken(absl::StrCat(of_partnership() ? cursor_.revision() : cursor_.position()), arguments_);
}

absl::Status ListEventsNow(const eventstore::EventStore& store, const trust::v1::ListEventsRequest& request,
                           trust::v1::ListEventsResponse* response, const PersonalData* personal) {
  if (const absl::Status shape = Check(request); !shape.ok()) return shape;
  EventList list(&store, personal, &request);
  bool ended = false;
  const absl::Status read = list.Read(response, &ended);
  if (!read.ok()) return read;
  if (!ended) response->set_next_page_token(list.NextPageToken());
  return absl::OkStatus();
}

}  // namespace services
