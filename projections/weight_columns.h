// Weights by day and half-life, and what is left of them on a later day. The inner loop of every reading. Not
// synchronised, and reading changes what is kept to read sooner.

#ifndef PROJECTIONS_WEIGHT_COLUMNS_H_
#define PROJECTIONS_WEIGHT_COLUMNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "projections/day.h"
#include "projections/decay.h"
#include "projections/facet_mass.h"

namespace projections {

// The sums of masses by facet.
using MassSums = std::array<Mass, kFacetCount>;

class WeightColumns {
 public:
  // decays must outlive the columns; half-lives are indexes into it.
  explicit WeightColumns(const std::vector<Decay>* decays) : decays_(decays) {}

  size_t size() const { return columns_.size(); }
  Day day(size_t column) const { return columns_[column].day; }
  const Weights& weights(size_t column) const { return columns_[column].weights; }

  // A new column, last in order. REQUIRES: no column has a later day.
  size_t Append(Day day, int half_life);
  // The column of the last day with this half-life; appended when there is none. REQUIRES: as for Append.
  size_t FindLast(Day day, int half_life);
  // The column of a day, among columns of the first half-life that are one a day; put in its place when there is none.
  size_t FindOrInsert(Day day);
  // The column of a day with this half-life. REQUIRES: there is one.
  size_t Find(Day day, int half_life) const;
  // Takes the last columns away until so many are left.
  void Truncate(size_t size);

  // Replaces one share of a column by another. `from` may be the column's own weights, hence a copy.
  void Replace(size_t column, Weights from, const Weights& to);

  // Adds what is left on a day. For all below: REQUIRES: no column has a later day.
  void AddMasses(Day day, MassSums* sums) const;
  // The same of one facet.
  Mass MassOf(size_t facet, Day day) const;
  // The same of the columns after a day, exclusive.
  Mass MassAfter(size_t facet, Day after, Day day) const;
  // Adds between what MassOf lies, with a look at those columns alone that were appended since it was last asked: the
  // bounds are apart by little more than rounding may amount to. Else costs what the number of half-lives does.
  void AddBounds(size_t facet, Day day, MassBounds* bounds) const;

  // The sum of all weights, undecayed. Rounding takes off less than this many of the smallest units of Mass.
  const MassSums& sums() const { return sums_; }

  size_t memory_bytes() const { return columns_.capacity() * sizeof(Column) + fadings_.capacity() * sizeof(Fading); }

 private:
  struct Column {
    Day day = 0;
    int half_life = 0;
    Weights weights{};
  };

  // All columns of one half-life together, as they would fade without rounding: between what their sum lies on a day,
  // in milli-units times 2^30.
  struct Fading {
    int half_life = 0;
    Day day = 0;  // Of the last column.
    std::array<MassBounds, kFacetCount> bounds{};
    MassSums sums{};  // Undecayed.
  };

  const Decay& DecayOf(int half_life) const { return (*decays_)[static_cast<size_t>(half_life)]; }
  uint64_t Left(const Column& column, Day day) const { return DecayOf(column.half_life).At(int64_t{day} - column.day); }
  MassBounds Faded(const MassBounds& bounds, const Decay& decay, int64_t days) const;
  Fading& FadingOf(const Column& column) const;
  void Fade(const Column& column, const Weights& from, const Weights& to) const;
  void FadeAll() const;

  const std::vector<Decay>* decays_;
  std::vector<Column> columns_;
  // Of the first faded_ columns; those that were appended since are taken in when somebody asks.
  mutable std::vector<Fading> fadings_;  // Few: one for each half-life that occurs.
  mutable size_t faded_ = 0;
  MassSums sums_{};
  uint64_t largest_weight_ = 0;  // That any column ever had.
};

}  // namespace projections

#endif  // PROJECTIONS_WEIGHT_COLUMNS_H_
