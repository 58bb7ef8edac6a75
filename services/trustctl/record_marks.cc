#include "services/trustctl/record_marks.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kCorrected[] = "corrected";
constexpr char kRetracted[] = "retracted";

}  // namespace

const std::vector<std::string>& RecordMarks::Kinds() {
  static const auto* const kKinds = new std::vector<std::string>{"evidence_confirmed", "evidence_contested",
                                                                 "evidence_corrected", "evidence_retracted"};
  return *kKinds;
}

void RecordMarks::Learn(const trust::v1::Event& event) {
  const int64_t by = event.revision();
  if (by <= learned_) return;
  learned_ = by;
  if (event.has_evidence_confirmed()) {
    const int64_t root = RevisionOf(event.evidence_confirmed().event());
    remark_about_[by] = root;
    marks_[root].push_back({"confirmed", by});
  } else if (event.has_evidence_contested()) {
    const int64_t root = RevisionOf(event.evidence_contested().event());
    remark_about_[by] = root;
    marks_[root].push_back({"contested", by});
  } else if (event.has_evidence_corrected() || event.has_evidence_retracted()) {
    const bool corrected = event.has_evidence_corrected();
    const int64_t root =
        RevisionOf(corrected ? event.evidence_corrected().event() : event.evidence_retracted().event());
    std::vector<Mark>& marks = marks_[root];
    std::erase_if(marks, [](const Mark& mark) {
      return absl::string_view(mark.said) == kCorrected || absl::string_view(mark.said) == kRetracted;
    });
    marks.insert(marks.begin(), Mark{corrected ? kCorrected : kRetracted, by});
    // A contest that was taken back is none any more.
    if (const auto remark = remark_about_.find(root); remark != remark_about_.end()) {
      std::erase_if(marks_[remark->second], [&](const Mark& mark) { return mark.by == root; });
    }
  }
}

std::string RecordMarks::Of(int64_t revision) const {
  std::string text;
  const auto found = marks_.find(revision);
  if (found == marks_.end()) return text;
  for (const Mark& mark : found->second) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", mark.said, " by ", mark.by);
  }
  return text;
}

}  // namespace trustctl
