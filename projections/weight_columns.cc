#include "projections/weight_columns.h"

#include <algorithm>

namespace projections {

size_t WeightColumns::Append(Day day, int half_life) {
  columns_.push_back({day, half_life, {}});
  return columns_.size() - 1;
}

size_t WeightColumns::FindLast(Day day, int half_life) {
  for (size_t i = columns_.size(); i-- > 0 && columns_[i].day == day;) {
    if (columns_[i].half_life == half_life) return i;
  }
  return Append(day, half_life);
}

size_t WeightColumns::FindOrInsert(Day day) {
  auto found = std::lower_bound(columns_.begin(), columns_.end(), day,
                                [](const Column& column, Day wanted) { return column.day < wanted; });
  if (found == columns_.end() || found->day != day) found = columns_.insert(found, {day, 0, {}});
  return static_cast<size_t>(found - columns_.begin());
}

size_t WeightColumns::Find(Day day, int half_life) const {
  auto found = std::lower_bound(columns_.begin(), columns_.end(), day,
                                [](const Column& column, Day wanted) { return column.day < wanted; });
  while (found->half_life != half_life) ++found;
  return static_cast<size_t>(found - columns_.begin());
}

void WeightColumns::Truncate(size_t size) {
  while (columns_.size() > size) {
    Replace(columns_.size() - 1, columns_.back().weights, {});
    columns_.pop_back();
  }
}

void WeightColumns::Replace(size_t column, const Weights& from, const Weights& to) {
  Weights& weights = columns_[column].weights;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    weights[facet] += to[facet] - from[facet];
    sums_[facet] += to[facet];
    sums_[facet] -= from[facet];
    largest_weight_ = std::max(largest_weight_, weights[facet]);
  }
}

void WeightColumns::AddMasses(Day day, MassSums* sums) const {
  // As long as weights are small, which is nearly always, the products of a run of columns fit 64 bits: 2^23 * 2^30 *
  // 2^10.
  constexpr uint64_t kSmall = uint64_t{1} << 23;
  constexpr size_t kRun = 1024;
  if (largest_weight_ >= kSmall) {
    for (const Column& column : columns_) {
      const uint64_t left = Left(column, day);
      for (size_t facet = 0; facet < kFacetCount; ++facet) (*sums)[facet] += Mass{column.weights[facet]} * left;
    }
    return;
  }
  for (size_t begin = 0; begin < columns_.size(); begin += kRun) {
    const size_t end = std::min(columns_.size(), begin + kRun);
    uint64_t run[kFacetCount] = {};
    for (size_t i = begin; i < end; ++i) {
      const uint64_t left = Left(columns_[i], day);
      for (size_t facet = 0; facet < kFacetCount; ++facet) run[facet] += columns_[i].weights[facet] * left;
    }
    for (size_t facet = 0; facet < kFacetCount; ++facet) (*sums)[facet] += run[facet];
  }
}

Mass WeightColumns::MassOf(size_t facet, Day day) const {
  Mass mass = 0;
  for (const Column& column : columns_) mass += Mass{column.weights[facet]} * Left(column, day);
  return mass;
}

Mass WeightColumns::MassAfter(size_t facet, Day after, Day day) const {
  Mass mass = 0;
  for (auto column = columns_.rbegin(); column != columns_.rend() && column->day > after; ++column) {
    mass += Mass{column->weights[facet]} * Left(*column, day);
  }
  return mass;
}

}  // namespace projections
