#include "services/import_command.h"

#include <utility>

#include "services/domain/decider.h"
#include "services/domain/refusal.h"
#include "services/request_ledger.h"
#include "services/store_fault.h"

namespace services {
namespace {

// What an external id of the partnership made; nullopt when it was never imported. Errors: DATA_LOSS.
absl::StatusOr<std::optional<Deed>> FindDeed(const Draft& draft, absl::string_view partnership,
                                             absl::string_view external_id) {
  const std::string key = ExternalIdKey(partnership, external_id);
  // The store knows no external id of a partnership that this very batch founds: no need to look there.
  const absl::StatusOr<std::optional<std::string>> row = draft.base_revision() == 0
                                                             ? draft.rows().GetPending(kExternalIdTable, key)
                                                             : draft.rows().Get(kExternalIdTable, key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<Deed>();
  std::optional<Deed> deed = DecodeDeed(**row);
  if (!deed) return absl::DataLossError("a row of the external id table is not a deed");
  return deed;
}

}  // namespace

ImportCommand::ImportCommand(std::vector<PreparedItem> items, Caller caller, Done done)
    : items_(std::move(items)), caller_(std::move(caller)), done_(std::move(done)) {}

void ImportCommand::Judge(Draft& draft, const domain::Context& context) {
  outcome_.items.assign(items_.size(), ItemOutcome());
  for (size_t i = 0; i < items_.size(); ++i) {
    ItemOutcome& outcome = outcome_.items[i];
    outcome.rejection = JudgeItem(items_[i], draft, context, outcome);
  }
}

absl::Status ImportCommand::JudgeItem(const PreparedItem& prepared, Draft& draft, const domain::Context& context,
                                      ItemOutcome& outcome) {
  if (!prepared.shape.ok()) return prepared.shape;
  const trust::v1::ImportItem& item = *prepared.item;
  // A partnership that is not there yet has imported nothing: no need to look.
  if (draft.state().revision > 0) {
    const absl::StatusOr<std::optional<Deed>> deed = FindDeed(draft, item.partnership(), item.external_id());
    if (!deed.ok()) return ReadFault(deed.status());
    if (deed->has_value()) {
      if ((*deed)->fingerprint != prepared.fingerprint) {
        return domain::FailedPrecondition(
            trust::v1::ERROR_REASON_EXTERNAL_ID_REUSED, item.external_id(),
            absl::StrCat("the external_id ", item.external_id(),
                         " was imported with other content; use a fresh external_id, or record a correction"),
            {{"external_id", item.external_id()}});
      }
      outcome.unchanged = true;
      outcome.revision = (*deed)->first_revision + (*deed)->event_count - 1;
      return absl::OkStatus();
    }
  }
  absl::Status look_up;
  const auto external_ids = [&](absl::string_view external_id) -> std::optional<int64_t> {
    const absl::StatusOr<std::optional<Deed>> deed = FindDeed(draft, item.partnership(), external_id);
    if (!deed.ok()) look_up = ReadFault(deed.status());
    if (!deed.ok() || !deed->has_value()) return std::nullopt;
    return (*deed)->first_revision;
  };
  absl::StatusOr<std::vector<trust::v1::Event>> events =
      domain::DecideImport(draft.state(), item, external_ids, context);
  if (!look_up.ok()) return look_up;
  if (!events.ok()) return events.status();
  SignBy(caller_, &*events);
  draft.Complete(*events);
  const trust::v1::ImportOrigin& origin = events->front().import_origin();
  outcome.warnings.assign(origin.warnings().begin(), origin.warnings().end());
  outcome.revision = events->back().revision();
  draft.rows().Put(
      kExternalIdTable, ExternalIdKey(item.partnership(), item.external_id()),
      EncodeDeed({prepared.fingerprint, "", events->front().revision(), static_cast<int64_t>(events->size())}));
  draft.Accept(*std::move(events));
  return absl::OkStatus();
}

void ImportCommand::Finish(const absl::Status& status, Draft& draft) {
  if (!status.ok()) return done_(status);
  std::optional<size_t> last;
  for (ItemOutcome& outcome : outcome_.items) {
    if (!outcome.rejection.ok() || outcome.unchanged) continue;
    last = static_cast<size_t>(static_cast<uint64_t>(outcome.revision) - draft.base_revision() - 1);
    outcome.log_position = draft.events()[*last].log_position();
  }
  if (last.has_value()) outcome_.receipt = draft.ReceiptOf(*last);
  done_(std::move(outcome_));
}

}  // namespace services
