#include "services/event_list.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/limits.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {
namespace {

// A message stays well below what clients accept by default (4 MiB).
constexpr size_t kPageBytesMax = 1 << 20;

}  // namespace

absl::Status ListEventsNow(const eventstore::EventStore& store, const trust::v1::ListEventsRequest& request,
                           trust::v1::ListEventsResponse* response) {
  const bool of_partnership = !request.partnership().empty();
  QueryChecks checks;
  if (of_partnership) checks.Id("partnership", request.partnership());
  if (request.after_revision() < 0) checks.Wrong("after_revision", "is negative; use 0 to begin at the start");
  if (!of_partnership && request.after_revision() != 0) checks.Wrong("after_revision", "needs a partnership");
  const auto page_size = static_cast<size_t>(checks.PageSize(request.page_size()));
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const absl::Status position = CheckMinPosition(store, request.min_position());
  if (!position.ok()) return position;
  const std::string arguments = absl::StrCat("ListEvents\n", request.partnership(), "\n", request.after_revision());
  const absl::StatusOr<std::string> place = ParsePageToken(request.page_token(), arguments);
  if (!place.ok()) return place.status();
  uint64_t after = static_cast<uint64_t>(request.after_revision());
  if (!place->empty() && !absl::SimpleAtoi(*place, &after)) return InvalidPageToken();

  size_t bytes = 0;
  uint64_t last = after;
  bool more = false;
  absl::Status decoded;
  const auto visit = [&](const eventstore::RecordedEvent& record) {
    if (static_cast<size_t>(response->events_size()) == page_size || bytes >= kPageBytesMax) {
      more = true;
      return false;
    }
    last = of_partnership ? record.revision : record.position;
    if (eventstore::IsSystemStream(record.stream) && record.stream != kPolicyStream &&
        record.stream != kOverrideStream) {
      return true;
    }
    bytes += record.data.size();
    decoded = Decode(record, true, response->add_events());
    return decoded.ok();
  };
  const absl::Status read =
      of_partnership ? store.ReadStream(request.partnership(), after, visit) : store.ReadLog(after, visit);
  if (!decoded.ok()) return ReadFault(decoded);
  if (!read.ok()) return ReadFault(read);
  if (of_partnership && response->events().empty()) {
    const absl::StatusOr<uint64_t> revision = store.StreamRevision(request.partnership());
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(request.partnership());
  }
  if (more) response->set_next_page_token(PageToken(absl::StrCat(last), arguments));
  return absl::OkStatus();
}

}  // namespace services
