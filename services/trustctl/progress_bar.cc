#include "services/trustctl/progress_bar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

constexpr int kBarWidth = 24;
constexpr absl::Duration kFirstDraw = absl::Milliseconds(200);  // Short work needs no bar.
constexpr absl::Duration kRedraw = absl::Milliseconds(100);

}  // namespace

std::string ProgressLine(absl::string_view work, int64_t done, int64_t total, absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line(work);
  if (total > 0) {
    const int filled = static_cast<int>(kBarWidth * std::min(done, total) / total);
    absl::StrAppend(&line, " [", std::string(filled, '#'), std::string(kBarWidth - filled, '-'), "] ",
                    100 * std::min(done, total) / total, "%");
  }
  absl::StrAppend(&line, "  ", WithSeparators(done));
  if (total > 0) absl::StrAppend(&line, " of ", WithSeparators(total));
  absl::StrAppend(&line, "  ", WithSeparators(static_cast<int64_t>(rate)), "/s");
  if (total > 0 && rate > 0) {
    const auto left = static_cast<int64_t>(static_cast<double>(std::max<int64_t>(total - done, 0)) / rate + 0.5);
    absl::StrAppend(&line, "  ", absl::FormatDuration(absl::Seconds(left)), " left");
  }
  return line;
}

ProgressBar::ProgressBar(const Console& console, std::string work, int64_t total)
    : console_(console), work_(std::move(work)), total_(total), next_draw_(kFirstDraw) {}

ProgressBar::~ProgressBar() { Clear(); }

void ProgressBar::Update(int64_t done) {
  if (!console_.shows_progress) return;
  const absl::Duration elapsed = stopwatch_.Elapsed();
  if (elapsed < next_draw_) return;
  next_draw_ = elapsed + kRedraw;
  console_.err << "\r\033[K" << ProgressLine(work_, done, total_, elapsed) << std::flush;
  drawn_ = true;
}

void ProgressBar::Clear() {
  if (drawn_) console_.err << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace trustctl
