#include "projections/decay.h"

#include <algorithm>

namespace projections {
namespace {

using Uint128 = unsigned __int128;

// ---- Fixed point: fractions of 2^-126, so that values up to 2 fit.

constexpr int kFractionBits = 126;

// The whole part of a * b / 2^126. REQUIRES: the result fits.
Uint128 MultiplyFixed(Uint128 a, Uint128 b) {
  const Uint128 mask = ~uint64_t{0};
  const Uint128 a_low = a & mask, a_high = a >> 64, b_low = b & mask, b_high = b >> 64;
  const Uint128 low = a_low * b_low;
  const Uint128 middle_a = a_high * b_low;
  const Uint128 middle_b = a_low * b_high;
  const Uint128 carry = (low >> 64) + (middle_a & mask) + (middle_b & mask);
  const Uint128 high = a_high * b_high + (middle_a >> 64) + (middle_b >> 64) + (carry >> 64);
  const Uint128 bottom = (carry << 64) | (low & mask);
  return (high << (128 - kFractionBits)) | (bottom >> kFractionBits);
}

// 2^(-1/H), within a few units of the last place: the exponential series of -ln 2 / H.
Uint128 DailyFactor(int half_life_days) {
  // The first 126 binary places of ln 2.
  const Uint128 ln2 = ((Uint128{0xB17217F7D1CF79AB} << 64) | Uint128{0xC9E3B39803F2F6AF}) >> 2;
  const Uint128 x = ln2 / static_cast<unsigned>(half_life_days);
  const Uint128 one = Uint128{1} << kFractionBits;
  Uint128 plus = one, minus = 0, term = one;
  for (unsigned k = 1; term != 0; ++k) {
    term = MultiplyFixed(term, x) / k;
    (k % 2 == 0 ? plus : minus) += term;
  }
  return plus - minus;
}

// ---- Big integers: little-endian limbs of 32 bits.

using BigInteger = std::vector<uint32_t>;

BigInteger Multiply(const BigInteger& a, const BigInteger& b) {
  BigInteger product(a.size() + b.size(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      carry += uint64_t{a[i]} * b[j] + product[i + j];
      product[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    product[i + b.size()] = static_cast<uint32_t>(carry);
  }
  while (!product.empty() && product.back() == 0) product.pop_back();
  return product;
}

BigInteger Power(uint32_t base, int exponent) {
  BigInteger result = {1}, square = {base};
  for (int rest = exponent; rest > 0; rest /= 2) {
    if (rest % 2 == 1) result = Multiply(result, square);
    if (rest > 1) square = Multiply(square, square);
  }
  return result;
}

// a <= 2^exponent
bool IsAtMostPowerOfTwo(const BigInteger& a, int64_t exponent) {
  if (a.empty()) return true;
  int64_t bits = static_cast<int64_t>(a.size() - 1) * 32;
  for (uint32_t top = a.back(); top != 0; top >>= 1) ++bits;
  if (bits <= exponent) return true;
  if (bits > exponent + 1) return false;
  // As long as 2^exponent itself: at most that only if it is that.
  const bool rest_is_zero = std::all_of(a.begin(), a.end() - 1, [](uint32_t limb) { return limb == 0; });
  return rest_is_zero && (a.back() & (a.back() - 1)) == 0;
}

}  // namespace

uint32_t DecayByDefinition(int half_life_days, int age_days) {
  uint32_t low = 0, high = Decay::kOne;  // low satisfies the inequality; nothing above high does.
  const int64_t exponent = int64_t{30} * half_life_days - age_days;
  while (low < high) {
    const uint32_t middle = low + (high - low + 1) / 2;
    if (IsAtMostPowerOfTwo(Power(middle, half_life_days), exponent)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

Decay::Decay(int half_life_days) {
  const size_t half_life = static_cast<size_t>(half_life_days);
  table_.reserve(half_life * 31);
  const Uint128 factor = DailyFactor(half_life_days);
  const int shift = kFractionBits - 30;
  // Each step loses a few units of the last place, so that even after a half-life of a century the error stays far
  // below 2^-80 of the fraction; the doubt is set much wider.
  const Uint128 doubt = Uint128{1} << (shift - 40);
  Uint128 value = Uint128{1} << kFractionBits;
  for (int age = 0; age < half_life_days; ++age) {
    const Uint128 fraction = value & ((Uint128{1} << shift) - 1);
    const bool sure = fraction > doubt && (Uint128{1} << shift) - fraction > doubt;
    table_.push_back(age == 0 ? kOne
                     : sure   ? static_cast<uint32_t>(value >> shift)
                              : DecayByDefinition(half_life_days, age));
    value = MultiplyFixed(value, factor);
  }
  for (size_t age = half_life; table_[age - half_life] > 1; ++age) table_.push_back(table_[age - half_life] >> 1);
}

}  // namespace projections
