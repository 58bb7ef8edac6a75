#include "tests/benchmark/figure.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace benchmark {
namespace {

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  quoted += '"';
  return quoted;
}

// Four significant digits or more, never in scientific notation: what is measured here is no more exact.
std::string Number(double value) {
  if (value >= 1000 || value <= -1000) return absl::StrFormat("%.0f", value);
  if (value >= 10 || value <= -10) return absl::StrFormat("%.2f", value);
  return absl::StrFormat("%.4f", value);
}

}  // namespace

Figure::Figure(absl::string_view name, double value, absl::string_view unit) : name_(name), value_(value) {
  fields_.emplace_back("name", Quoted(name));
  fields_.emplace_back("value", Number(value));
  fields_.emplace_back("unit", Quoted(unit));
}

Figure& Figure::Against(absl::string_view baseline, double baseline_value) {
  With("baseline", baseline);
  With("baseline_value", baseline_value);
  if (baseline_value > 0) With("ratio", value_ / baseline_value);
  return *this;
}

Figure& Figure::Goal(double goal) { return With("goal", goal); }

Figure& Figure::With(absl::string_view key, absl::string_view value) {
  fields_.emplace_back(key, Quoted(value));
  return *this;
}

Figure& Figure::With(absl::string_view key, int64_t value) {
  fields_.emplace_back(key, absl::StrCat(value));
  return *this;
}

Figure& Figure::With(absl::string_view key, double value) {
  fields_.emplace_back(key, Number(value));
  return *this;
}

Figure& Figure::With(absl::string_view key, const std::vector<double>& values) {
  const std::string list =
      absl::StrJoin(values, ", ", [](std::string* text, double value) { absl::StrAppend(text, Number(value)); });
  fields_.emplace_back(key, absl::StrCat("[", list, "]"));
  return *this;
}

std::string Figure::ToJson() const {
  return absl::StrCat("{",
                      absl::StrJoin(fields_, ", ",
                                    [](std::string* text, const auto& field) {
                                      absl::StrAppend(text, Quoted(field.first), ": ", field.second);
                                    }),
                      "}");
}

}  // namespace benchmark
