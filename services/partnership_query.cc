#include "services/partnership_query.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/command.h"
#include "services/command_lane.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/partnership_loader.h"
#include "services/personal_data.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/standing_rows.h"
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

// Whether some direction has the stage and the condition that are asked for.
bool HasWords(const trust::v1::StandingRow& row, const trust::v1::ListPartnershipsRequest& request) {
  for (const trust::v1::StandingDirection& direction : row.directions()) {
    const bool of_stage = request.stage() == 0 || direction.stage() == request.stage();
    const bool of_condition = request.condition() == 0 || direction.condition() == request.condition();
    if (of_stage && of_condition) return true;
  }
  return false;
}

// The words rows that fit: those of the organization, or else those of each stage and condition that is asked for.
std::vector<std::string> PrefixesOf(const trust::v1::ListPartnershipsRequest& request) {
  if (!request.organization().empty()) return {OrganizationPrefix(request.organization())};
  std::vector<std::string> prefixes;
  for (int stage = trust::v1::STAGE_INITIAL_CONTACT; stage <= trust::v1::Stage_MAX; ++stage) {
    if (request.stage() != 0 && request.stage() != stage) continue;
    for (int condition = trust::v1::CONDITION_STEADY; condition <= trust::v1::Condition_MAX; ++condition) {
      if (request.condition() != 0 && request.condition() != condition) continue;
      prefixes.push_back(
          WordsPrefix(static_cast<trust::v1::Stage>(stage), static_cast<trust::v1::Condition>(condition)));
    }
  }
  return prefixes;
}

// Adds the first partnerships below a prefix that fit, at most count.
absl::Status FindBelow(const eventstore::EventStore& store, const std::string& prefix, const std::string& after,
                       const trust::v1::ListPartnershipsRequest& request, size_t count, std::set<std::string>* found) {
  const bool looks_closer = !request.organization().empty() && (request.stage() != 0 || request.condition() != 0);
  size_t fitting = 0;
  absl::Status wrong;
  const absl::Status scanned =
      store.ScanRows(kStandingWordsTable, absl::StrCat(prefix, after), [&](absl::string_view key, absl::string_view) {
        if (!absl::StartsWith(key, prefix)) return false;
        const std::string id(key.substr(prefix.size()));
        if (looks_closer) {
          const absl::StatusOr<std::optional<trust::v1::StandingRow>> row = ReadStandingRow(store, id);
          if (!row.ok()) {
            wrong = row.status();
            return false;
          }
          if (!row->has_value() || !HasWords(**row, request)) return true;
        }
        found->insert(id);
        return ++fitting < count;
      });
  if (!wrong.ok()) return wrong;
  return scanned.ok() ? absl::OkStatus() : ReadFault(scanned);
}

// Reads about as many rows as it returns; with an organization and more, the organization's partnerships.
absl::Status ListFiltered(const eventstore::EventStore& store, const trust::v1::ListPartnershipsRequest& request,
                          trust::v1::ListPartnershipsResponse* response) {
  const std::string arguments =
      absl::StrCat("ListPartnerships\n", request.organization(), "\n", request.stage(), "\n", request.condition());
  const absl::StatusOr<std::string> after = ParsePageToken(request.page_token(), arguments);
  if (!after.ok()) return after.status();
  const auto page_size = static_cast<size_t>(QueryChecks().PageSize(request.page_size()));
  std::set<std::string> found;
  for (const std::string& prefix : PrefixesOf(request)) {
    const absl::Status read = FindBelow(store, prefix, *after, request, page_size + 1, &found);
    if (!read.ok()) return read;
  }
  size_t count = 0;
  for (const std::string& id : found) {
    if (count++ == page_size) {
      response->set_next_page_token(
          PageToken(response->partnerships(response->partnerships_size() - 1).partnership(), arguments));
      break;
    }
    const absl::StatusOr<std::optional<std::string>> row = store.GetRow(kPartnershipTable, id);
    if (!row.ok()) return ReadFault(row.status());
    if (!row->has_value()) return ReadFault(absl::DataLossError(absl::StrCat("partnership ", id, " has no row")));
    const absl::Status parsed = ReadRow(store, id, **row, response->add_partnerships());
    if (!parsed.ok()) return parsed;
  }
  return absl::OkStatus();
}

// Adds who the contact is, by the last assignment that said it, or that this was erased.
absl::Status AddProfile(const eventstore::EventStore& store, const PersonalData& personal,
                        const trust::v1::GetContactRequest& request, trust::v1::GetContactResponse* response) {
  absl::StatusOr<std::optional<trust::v1::Erasure>> erasure = personal.ErasureOf(request.contact());
  if (!erasure.ok()) return erasure.status();
  if (erasure->has_value()) {
    *response->mutable_erasure() = **std::move(erasure);
    return absl::OkStatus();
  }
  const absl::StatusOr<std::optional<std::string>> row =
      store.GetRow(kProfileTable, ContactKey(request.partnership(), request.contact()));
  if (!row.ok()) return ReadFault(row.status());
  uint64_t revision = 0;
  if (!row->has_value()) return absl::OkStatus();
  if (!absl::SimpleAtoi(**row, &revision) || revision == 0) {
    return ReadFault(absl::DataLossError("the row of a profile names no revision"));
  }
  const auto take = [response](trust::v1::Event& event) {
    response->set_unreadable(event.unreadable());
    if (event.has_erasure()) response->mutable_erasure()->Swap(event.mutable_erasure());
    if (event.has_profile()) response->mutable_profile()->Swap(event.mutable_profile());
    return false;
  };
  return VisitEvents(store, request.partnership(), revision - 1, false, take, &personal);
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

bool AsksTheIndex(const trust::v1::ListPartnershipsRequest& request) {
  return !request.organization().empty() || request.stage() != 0 || request.condition() != 0;
}

absl::Status Check(const trust::v1::ListPartnershipsRequest& request) {
  QueryChecks checks;
  checks.PageSize(request.page_size());
  checks.OptionalId("organization", request.organization());
  checks.Known("stage", request.stage());
  checks.Known("condition", request.condition());
  return checks.Verdict();
}

absl::Status ListPartnershipsNow(const eventstore::EventStore& store, const trust::v1::ListPartnershipsRequest& request,
                                 trust::v1::ListPartnershipsResponse* response) {
  if (const absl::Status shape = Check(request); !shape.ok()) return shape;
  if (AsksTheIndex(request)) return ListFiltered(store, request, response);
  const int page_size = QueryChecks().PageSize(request.page_size());
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

absl::Status GetContactNow(const eventstore::EventStore& store, const PersonalData& personal,
                           const trust::v1::GetContactRequest& request, trust::v1::GetContactResponse* response) {
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
  if (!response->assignments().empty()) return AddProfile(store, personal, request, response);
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
