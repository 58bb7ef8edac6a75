// The tables of the standing index: their keys, and what rows of them follow from where a partnership stands. Pure.
//
// | table | key | value |
// | standing | partnership | trust.v1.StandingRow |
// | standing_days | day, partnership | - : the partnership is to be read again on that day |
// | standing_attention | kind, day, partnership, direction and event | trust.v1.AttentionItem |
// | standing_words | organization or (stage, condition), partnership | - |
// | trust_changes | sequence | trust.v1.WatchTrustResponse without its token |
// | standing_progress | one | trust.v1.StandingProgress |

#ifndef SERVICES_STANDING_ROWS_H_
#define SERVICES_STANDING_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "projections/day.h"
#include "trust/v1/standing.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

inline constexpr char kStandingTable[] = "standing";
inline constexpr char kStandingDayTable[] = "standing_days";
inline constexpr char kAttentionTable[] = "standing_attention";
inline constexpr char kStandingWordsTable[] = "standing_words";
inline constexpr char kTrustChangeTable[] = "trust_changes";
inline constexpr char kStandingProgressTable[] = "standing_progress";
inline constexpr char kStandingProgressKey[] = "progress";

// Of all the tables above: raise it whenever what stands in them changes.
inline constexpr int kStandingFormat = 1;

// Days sort as bytes.
std::string DayKey(projections::Day day);
projections::Day DayOfKey(absl::string_view key);  // REQUIRES: four bytes at least.
std::string SequenceKey(uint64_t sequence);
uint64_t SequenceOfKey(absl::string_view key);  // REQUIRES: eight bytes.

// An attention row's place: by day, then partnership, then what it is about. A kind's rows begin with its byte.
std::string AttentionKindPrefix(trust::v1::AttentionKind kind);
std::string AttentionPlace(projections::Day day, absl::string_view partnership, const trust::v1::AttentionItem& item);
// The partnership in a place.
absl::string_view PartnershipOfPlace(absl::string_view place);

// What begins the words rows of an organization, and of a stage with a condition; the partnership follows.
std::string OrganizationPrefix(absl::string_view organization);
std::string WordsPrefix(trust::v1::Stage stage, trust::v1::Condition condition);

// The day an item is kept under: its date; 0 for what is always about today.
projections::Day KeptDay(const trust::v1::AttentionItem& item);

// The day of a date that the readings wrote, YYYY-MM-DD.
projections::Day DayOfDate(absl::string_view date);

// Every row that follows from a partnership's own, that one excepted: table and key to value.
using DerivedRows = absl::btree_map<std::pair<std::string, std::string>, std::string>;
DerivedRows DerivedRowsOf(const std::string& partnership, const trust::v1::StandingRow& row);

// The writes that lead from one row to the next, the partnership's own included. nullopt: there is no row.
std::vector<eventstore::RowWrite> StandingWrites(const std::string& partnership,
                                                 const std::optional<trust::v1::StandingRow>& before,
                                                 const std::optional<trust::v1::StandingRow>& after);

// The row of a partnership; nullopt when there is none. Blocks. Errors: LOG_DAMAGED, INTERNAL.
absl::StatusOr<std::optional<trust::v1::StandingRow>> ReadStandingRow(const eventstore::EventStore& store,
                                                                      absl::string_view partnership);

}  // namespace services

#endif  // SERVICES_STANDING_ROWS_H_
