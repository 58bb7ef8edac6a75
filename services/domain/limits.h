// Every limit that a command is held to, in one place. Sizes are in bytes unless the name says otherwise; all are
// inclusive.

#ifndef SERVICES_DOMAIN_LIMITS_H_
#define SERVICES_DOMAIN_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace domain {

inline constexpr size_t kIdSizeMax = 63;
inline constexpr size_t kExternalIdSizeMax = 128;
inline constexpr size_t kDisplayNameSizeMax = 200;
inline constexpr size_t kTraceIdSizeMax = 128;  // correlation_id, causation_id
inline constexpr size_t kCitationSizeMax = 500;

inline constexpr int kPartnersMin = 2;
inline constexpr int kPartnersMax = 50;
inline constexpr int kConcernedMax = 50;  // Of the affected, and of the witnesses.
inline constexpr int kBatchItemsMax = 500;
inline constexpr int kStatedTrustMax = kPartnersMax * (kPartnersMax - 1);
inline constexpr int kFiguresMax = 100;

inline constexpr size_t kPolicyTextSizeMax = 256 << 10;  // The canonical text of a policy document.
inline constexpr size_t kApproverSizeMax = 128;
inline constexpr size_t kReferenceSizeMax = 200;  // Of a request for erasure, or the reason of a hold.

inline constexpr size_t kNoteSizeMax = 4096;
inline constexpr size_t kEmailSizeMax = 254;
inline constexpr size_t kPhoneSizeMax = 40;
inline constexpr size_t kPoliciesMax = 1'000;  // Published in one log.

inline constexpr int32_t kBasisPointsMax = 10'000;
inline constexpr int32_t kRatingMax = 5;

// How far a caller's clock may run ahead of the service's.
inline constexpr int kClockToleranceHours = 24;

// The range of a google.protobuf.Timestamp: the years 1 to 9999.
inline constexpr int64_t kTimestampSecondsMin = -62'135'596'800;
inline constexpr int64_t kTimestampSecondsMax = 253'402'300'799;

}  // namespace domain

#endif  // SERVICES_DOMAIN_LIMITS_H_
