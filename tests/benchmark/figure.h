// One measured figure as a line of JSON: its name, value and unit, the baseline that it is compared with, and the
// circumstances without which it means nothing.

#ifndef TESTS_BENCHMARK_FIGURE_H_
#define TESTS_BENCHMARK_FIGURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace benchmark {

class Figure {
 public:
  Figure(absl::string_view name, double value, absl::string_view unit);

  // What was measured in the same run, in the same unit, to compare with: adds baseline, baseline_value and ratio,
  // which is value / baseline_value.
  Figure& Against(absl::string_view baseline, double baseline_value);

  // What is to be reached: of the ratio where there is a baseline, of the value otherwise.
  Figure& Goal(double goal);

  // A circumstance. Keys are written in the order in which they are added.
  Figure& With(absl::string_view key, absl::string_view value);
  Figure& With(absl::string_view key, int64_t value);
  Figure& With(absl::string_view key, double value);
  Figure& With(absl::string_view key, const std::vector<double>& values);

  // One JSON object, without a newline.
  std::string ToJson() const;

  const std::string& name() const { return name_; }
  double value() const { return value_; }

 private:
  const std::string name_;
  const double value_;
  std::vector<std::pair<std::string, std::string>> fields_;  // Key to JSON value.
};

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_FIGURE_H_
