// How many random histories a property runs over.

#ifndef TESTS_SUPPORT_HISTORIES_H_
#define TESTS_SUPPORT_HISTORIES_H_

namespace support {

// g++ defines the macros, clang++ has the features.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

// All of them; under a sanitizer a quarter. There every history costs ten times as much, and what a sanitizer looks
// for lies in the code, which a quarter runs through as well; that the property holds of all was tested before. What
// a test asks to have seen, in proportion to the histories, is counted with this, too.
template <typename Count>
constexpr Count Histories(Count whole) {
  return kSanitized ? whole / 4 : whole;
}

}  // namespace support

#endif  // TESTS_SUPPORT_HISTORIES_H_
