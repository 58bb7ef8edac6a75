#include "services/trustctl/import_summary.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr size_t kRowsMax = 200;
constexpr size_t kRejectionsMax = 50;
constexpr size_t kWarningsMax = 10;

}  // namespace

void ImportSummary::Add(const SpooledItem& item, const trust::v1::ImportResult& result) {
  const std::pair<int, std::string> key(item.file, item.item.partnership());
  const bool has_row = counts_.size() < kRowsMax || counts_.count(key) > 0;
  Counts& counts = has_row ? counts_[key] : beyond_;
  switch (result.outcome()) {
    case trust::v1::IMPORT_OUTCOME_CREATED:
      ++counts.created, ++total_.created;
      break;
    case trust::v1::IMPORT_OUTCOME_UNCHANGED:
      ++counts.unchanged, ++total_.unchanged;
      break;
    // What this program cannot be sure was stored counts as rejected.
    case trust::v1::IMPORT_OUTCOME_REJECTED:
    case trust::v1::IMPORT_OUTCOME_UNSPECIFIED:
    case trust::v1::ImportOutcome_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::ImportOutcome_INT_MAX_SENTINEL_DO_NOT_USE_:
      ++counts.rejected, ++total_.rejected;
      break;
  }
  const std::string place = absl::StrCat(files_[item.file], ":", item.line, ": ", item.item.external_id(),
                                         item.item.external_id().empty() ? "" : ": ");
  if (result.has_error() && rejections_.size() < kRejectionsMax) {
    rejections_.push_back(
        absl::StrCat(Printable(place), absl::StrReplaceAll(Describe(result.error()), {{"\n", "\n  "}})));
  }
  counts.warnings += result.warnings_size();
  total_.warnings += result.warnings_size();
  for (const std::string& warning : result.warnings()) {
    if (warnings_.size() < kWarningsMax) warnings_.push_back(Printable(absl::StrCat(place, warning)));
  }
}

void ImportSummary::Print(const Console& console) const {
  PrintTable(console);
  if (total_.rejected > 0) {
    console.out << "\n" << Styled(console, Style::kBad, "Rejected:") << "\n";
    for (const std::string& rejection : rejections_) console.out << "  " << rejection << "\n";
    const int64_t more = total_.rejected - static_cast<int64_t>(rejections_.size());
    if (more > 0) console.out << "  +" << WithSeparators(more) << " more; --json shows all\n";
  }
  if (total_.warnings > 0) {
    console.out << "\n" << Styled(console, Style::kWarning, "Stored although they break a rule:") << "\n";
    for (const std::string& warning : warnings_) console.out << "  " << warning << "\n";
    const int64_t more = total_.warnings - static_cast<int64_t>(warnings_.size());
    if (more > 0) console.out << "  +" << WithSeparators(more) << " more; --json shows all\n";
  }
}

void ImportSummary::PrintTable(const Console& console) const {
  Table table({{.heading = "file", .wraps = true},
               {"partnership"},
               {.heading = "created", .right = true},
               {.heading = "unchanged", .right = true},
               {.heading = "rejected", .right = true},
               {.heading = "warnings", .right = true}});
  const auto add = [&](const std::string& file, const std::string& partnership, const Counts& counts) {
    table.Add({file, partnership, WithSeparators(counts.created), WithSeparators(counts.unchanged),
               Cell(WithSeparators(counts.rejected), counts.rejected > 0 ? Style::kBad : Style::kPlain),
               Cell(WithSeparators(counts.warnings), counts.warnings > 0 ? Style::kWarning : Style::kPlain)});
  };
  for (const auto& [key, counts] : counts_) {
    add(files_[key.first], key.second.empty() ? "(none named)" : key.second, counts);
  }
  if (beyond_.created + beyond_.unchanged + beyond_.rejected > 0) add("", "all others", beyond_);
  if (counts_.size() > 1) add("", "in all", total_);
  table.Print(console);
}

}  // namespace trustctl
