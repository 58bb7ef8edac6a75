// Some consecutive import items of one partnership on their way through the lane. Each is taken or rejected by itself.

#ifndef SERVICES_IMPORT_COMMAND_H_
#define SERVICES_IMPORT_COMMAND_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/command.h"
#include "services/decided_command.h"
#include "trust/v1/evidence_service.pb.h"

namespace services {

// One item with what was found out about it before the lane.
struct PreparedItem {
  const trust::v1::ImportItem* item;  // Borrowed until the command is done.
  absl::Status shape;                 // What domain::Validate said.
  std::string fingerprint;            // Of the item.
};

// What became of one item, without the words for it.
struct ItemOutcome {
  absl::Status rejection;  // Not OK: rejected.
  bool unchanged = false;
  int64_t revision = 0;
  std::vector<std::string> warnings;
  std::string log_position;
};

// What became of all of them.
struct ImportOutcome {
  std::vector<ItemOutcome> items;             // In the order of the items.
  std::optional<trust::v1::Receipt> receipt;  // Of the last event that was stored, without the size of a checkpoint.
};

class ImportCommand : public Command {
 public:
  // done gets what became of them, or why none was decided. REQUIRES: items is not empty and of one partnership.
  using Done = std::function<void(absl::StatusOr<ImportOutcome>)>;
  ImportCommand(std::vector<PreparedItem> items, Caller caller, Done done);

  const std::string& partnership() const override { return items_.front().item->partnership(); }
  absl::Time deadline() const override { return caller_.deadline; }
  bool Cancelled() const override { return caller_.cancelled(); }
  bool Patient() const override { return true; }  // Its stream sends no more than it is answered.
  void Judge(Draft& draft, const domain::Context& context) override;
  void Finish(const absl::Status& status, Draft& draft) override;
  void Refuse(const absl::Status& status) override { done_(status); }

 private:
  absl::Status JudgeItem(const PreparedItem& prepared, Draft& draft, const domain::Context& context,
                         ItemOutcome& outcome);

  const std::vector<PreparedItem> items_;
  const Caller caller_;
  const Done done_;
  ImportOutcome outcome_;
};

}  // namespace services

#endif  // SERVICES_IMPORT_COMMAND_H_
