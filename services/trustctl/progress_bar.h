// A line on a terminal that says how far a long piece of work is: a bar, items, rate and the time that remains. Not
// thread-safe.

#ifndef SERVICES_TRUSTCTL_PROGRESS_BAR_H_
#define SERVICES_TRUSTCTL_PROGRESS_BAR_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/trustctl/console.h"
#include "services/trustctl/stopwatch.h"

namespace trustctl {

// "importing [#####-----] 50%  5,000 of 10,000  2,500/s  2s left"; with a total of 0, which means unknown, without bar
// and rest.
std::string ProgressLine(absl::string_view work, int64_t done, int64_t total, absl::Duration elapsed);

// Draws on console.err if that is a terminal, and nothing otherwise. Leaves no trace when it is destroyed.
class ProgressBar {
 public:
  // console must outlive the bar.
  ProgressBar(const Console& console, std::string work, int64_t total);
  ~ProgressBar();

  // Redraws a few times a second.
  void Update(int64_t done);
  // Takes the line away, so that something else can be printed; the next Update draws it again.
  void Clear();

  absl::Duration Elapsed() const { return stopwatch_.Elapsed(); }

 private:
  const Console& console_;
  const std::string work_;
  const int64_t total_;
  const Stopwatch stopwatch_;
  absl::Duration next_draw_;
  bool drawn_ = false;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_PROGRESS_BAR_H_
