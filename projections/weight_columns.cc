#include "projections/weight_columns.h"

#include <algorithm>

namespace projections {
namespace {

// As long as weights are small, which is nearly always, the products of a run of columns fit 64 bits: 2^23 * 2^30 *
// 2^10.
constexpr uint64_t kSmallWeight = uint64_t{1} << 23;
constexpr size_t kSmallRun = 1024;

}  // namespace

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
  if (found == columns_.end() || found->day != day) {
    FadeAll();
    found = columns_.insert(found, {day, 0, {}});
    ++faded_;
  }
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
    faded_ = std::min(faded_, columns_.size());
  }
}

void WeightColumns::Replace(size_t column, Weights from, const Weights& to) {
  Weights& weights = columns_[column].weights;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    weights[facet] += to[facet] - from[facet];
    sums_[facet] += Mass{to[facet]} - from[facet];
    largest_weight_ = std::max(largest_weight_, weights[facet]);
  }
  if (column < faded_) Fade(columns_[column], from, to);
}

void WeightColumns::FadeAll() const {
  for (; faded_ < columns_.size(); ++faded_) Fade(columns_[faded_], {}, columns_[faded_].weights);
}

// Replaces one share of the column by another where they fade together.
void WeightColumns::Fade(const Column& column, const Weights& from, const Weights& to) const {
  Fading& fading = FadingOf(column);
  // Without rounding less than one more is left.
  const uint64_t left = Left(column, fading.day);
  const uint64_t left_most = left == Decay::kOne ? left : left + 1;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    fading.sums[facet] += Mass{to[facet]} - from[facet];
    MassBounds& bounds = fading.bounds[facet];
    if (to[facet] >= from[facet]) {
      bounds.least += Mass{to[facet] - from[facet]} * left;
      bounds.most += Mass{to[facet] - from[facet]} * left_most;
    } else {
      bounds.least -= std::min(bounds.least, Mass{from[facet] - to[facet]} * left_most);
      bounds.most -= Mass{from[facet] - to[facet]} * left;
    }
  }
}

// What is left of something between the bounds when so many days more have passed.
MassBounds WeightColumns::Faded(const MassBounds& bounds, const Decay& decay, int64_t days) const {
  if (days == 0) return bounds;
  const Mass left = decay.At(days);
  return {(bounds.least * left) >> 30, ((bounds.most * (left + 1)) >> 30) + 1};
}

// The fading that a column belongs to, on the column's day or a later one.
WeightColumns::Fading& WeightColumns::FadingOf(const Column& column) const {
  auto fading = std::find_if(fadings_.begin(), fadings_.end(),
                             [&](const Fading& other) { return other.half_life == column.half_life; });
  if (fading == fadings_.end()) {
    fading = fadings_.insert(fadings_.end(), Fading());
    fading->half_life = column.half_life;
    fading->day = column.day;
  }
  if (column.day > fading->day) {
    const int64_t days = int64_t{column.day} - fading->day;
    for (MassBounds& bounds : fading->bounds) bounds = Faded(bounds, DecayOf(column.half_life), days);
    fading->day = column.day;
  }
  return *fading;
}

void WeightColumns::AddBounds(size_t facet, Day day, MassBounds* bounds) const {
  FadeAll();
  for (const Fading& fading : fadings_) {
    const MassBounds faded = Faded(fading.bounds[facet], DecayOf(fading.half_life), int64_t{day} - fading.day);
    // Rounding each column down takes off less than one for each of its milli-units.
    bounds->least += faded.least - std::min(faded.least, fading.sums[facet]);
    bounds->most += faded.most;
  }
}

void WeightColumns::AddMasses(Day day, MassSums* sums) const {
  if (columns_.empty()) return;
  if (largest_weight_ >= kSmallWeight) {
    for (const Column& column : columns_) {
      const uint64_t left = Left(column, day);
      for (size_t facet = 0; facet < kFacetCount; ++facet) (*sums)[facet] += Mass{column.weights[facet]} * left;
    }
    return;
  }
  int half_life = columns_.front().half_life;
  const Decay* decay = &DecayOf(half_life);
  for (size_t begin = 0; begin < columns_.size(); begin += kSmallRun) {
    const size_t end = std::min(columns_.size(), begin + kSmallRun);
    uint64_t run[kFacetCount] = {};
    for (size_t i = begin; i < end; ++i) {
      const Column& column = columns_[i];
      if (column.half_life != half_life) {
        half_life = column.half_life;
        decay = &DecayOf(half_life);
      }
      const uint64_t left = decay->At(int64_t{day} - column.day);
      for (size_t facet = 0; facet < kFacetCount; ++facet) run[facet] += column.weights[facet] * left;
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
