#include "services/partnership_query.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/command.h"
#include "services/command_lane.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {
namespace {

// Parses a row and fills in what only the stream knows. Errors: LOG_DAMAGED.
absl::Status ReadRow(const eventstore::EventStore& store, absl::string_view id, absl::string_view row,
                     trust::v1::Partnership* partnership) {
  if (!partnership->ParseFromArray(row.data(), static_cast<int>(row.size()))) {
    return ReadFault(absl::DataLossError(absl::StrCat("the row of partnership ", id, " is not a partnership")));
  }
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(id);
  if (!revision.ok()) return ReadFault(revision.status());
  partnership->set_revision(static_cast<int64_t>(*revision));
  return absl::OkStatus();
}

}  // namespace

absl::Status GetPartnershipNow(const eventstore::EventStore& store, const trust::v1::GetPartnershipRequest& request,
                               trust::v1::GetPartnershipResponse* response) {
  QueryChecks checks;
  checks.Id("partnership", request.partnership());
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const absl::Status position = CheckMinPosition(store, request.min_position());
  if (!position.ok()) return position;
  const absl::StatusOr<std::optional<std::string>> row = store.GetRow(kPartnershipTable, request.partnership());
  if (!row.ok()) return ReadFault(row.status());
  if (!row->has_value()) return PartnershipNotFound(request.partnership());
  return ReadRow(store, request.partnership(), **row, response->mutable_partnership());
}

absl::Status ListPartnershipsNow(const eventstore::EventStore& store, const trust::v1::ListPartnershipsRequest& request,
                                 trust::v1::ListPartnershipsResponse* response) {
  QueryChecks checks;
  const int page_size = checks.PageSize(request.page_size());
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const absl::StatusOr<std::string> after = ParsePageToken(request.page_token(), "ListPartnerships");
  if (!after.ok()) return after.status();
  absl::Status row_status;
  std::string last;
  bool more = false;
  const absl::Status scanned =
      store.ScanRows(kPartnershipTable, *after, [&](absl::string_view id, absl::string_view row) {
        if (response->partnerships_size() == page_size) {
          more = true;
          return false;
        }
        row_status = ReadRow(store, id, row, response->add_partnerships());
        last = std::string(id);
        return row_status.ok();
      });
  if (!row_status.ok()) return row_status;
  if (!scanned.ok()) return ReadFault(scanned);
  if (more) response->set_next_page_token(PageToken(last, "ListPartnerships"));
  return absl::OkStatus();
}

absl::Status GetContactNow(const eventstore::EventStore& store, const trust::v1::GetContactRequest& request,
                           trust::v1::GetContactResponse* response) {
  QueryChecks checks;
  checks.Id("partnership", request.partnership());
  checks.Id("contact", request.contact());
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const absl::Status position = CheckMinPosition(store, request.min_position());
  if (!position.ok()) return position;
  const absl::StatusOr<std::optional<std::string>> row =
      store.GetRow(kContactTable, ContactKey(request.partnership(), request.contact()));
  if (!row.ok()) return ReadFault(row.status());
  if (row->has_value() && !response->ParseFromString(**row)) {
    return ReadFault(absl::DataLossError(
        absl::StrCat("the row of contact ", request.contact(), " of ", request.partnership(), " is not a contact")));
  }
  if (!response->assignments().empty()) return absl::OkStatus();
  response->Clear();
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(request.partnership());
  if (!revision.ok()) return ReadFault(revision.status());
  if (*revision == 0) return PartnershipNotFound(request.partnership());
  return domain::NotFound(trust::v1::ERROR_REASON_CONTACT_NOT_FOUND, "contact", request.contact(),
                          absl::StrCat(request.contact(), " is and was no contact in ", request.partnership(),
                                       "; assign it, or correct the id"),
                          {{"partnership", request.partnership()}});
}

}  // namespace services
