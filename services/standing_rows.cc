#include "services/standing_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "projections/event_name.h"
#include "services/store_fault.h"

namespace services {
namespace {

constexpr uint32_t kDayBias = 1U << 31;  // Days before 1970 sort before those after.

std::string BigEndian(uint64_t number, int bytes) {
  std::string text(static_cast<size_t>(bytes), '\0');
  for (int i = bytes - 1; i >= 0; --i) {
    text[static_cast<size_t>(i)] = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return text;
}

uint64_t FromBigEndian(absl::string_view text, size_t bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes; ++i) number = number << 8 | static_cast<unsigned char>(text[i]);
  return number;
}

}  // namespace

std::string DayKey(projections::Day day) { return BigEndian(static_cast<uint32_t>(day) + kDayBias, 4); }

projections::Day DayOfKey(absl::string_view key) {
  return static_cast<projections::Day>(static_cast<uint32_t>(FromBigEndian(key, 4)) - kDayBias);
}

std::string SequenceKey(uint64_t sequence) { return BigEndian(sequence, 8); }

uint64_t SequenceOfKey(absl::string_view key) { return FromBigEndian(key, 8); }

std::string AttentionKindPrefix(trust::v1::AttentionKind kind) { return BigEndian(static_cast<uint64_t>(kind), 1); }

std::string AttentionPlace(projections::Day day, absl::string_view partnership, const trust::v1::AttentionItem& item) {
  const int64_t revision = projections::ParseEventName(partnership, item.event()).value_or(0);
  return absl::StrCat(DayKey(day), partnership, std::string(1, '\0'), item.trustor(), std::string(1, '\0'),
                      item.trustee(), std::string(1, '\0'), BigEndian(static_cast<uint64_t>(revision), 8));
}

absl::string_view PartnershipOfPlace(absl::string_view place) {
  const absl::string_view rest = place.substr(4);
  return rest.substr(0, rest.find('\0'));
}

std::string OrganizationPrefix(absl::string_view organization) {
  return absl::StrCat("o", organization, std::string(1, '\0'));
}

std::string WordsPrefix(trust::v1::Stage stage, trust::v1::Condition condition) {
  return absl::StrCat("w", BigEndian(static_cast<uint64_t>(stage), 1), BigEndian(static_cast<uint64_t>(condition), 1));
}

projections::Day DayOfDate(absl::string_view date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(date, &day)) return 0;
  return static_cast<projections::Day>(day - absl::CivilDay(1970, 1, 1));
}

projections::Day KeptDay(const trust::v1::AttentionItem& item) {
  return item.kind() == trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE ? 0 : DayOfDate(item.date());
}

DerivedRows DerivedRowsOf(const std::string& partnership, const trust::v1::StandingRow& row) {
  DerivedRows rows;
  if (row.next_day() != 0) rows[{kStandingDayTable, absl::StrCat(DayKey(row.next_day()), partnership)}] = "";
  for (const std::string& organization : row.organizations()) {
    rows[{kStandingWordsTable, absl::StrCat(OrganizationPrefix(organization), partnership)}] = "";
  }
  for (const trust::v1::StandingDirection& direction : row.directions()) {
    rows[{kStandingWordsTable, absl::StrCat(WordsPrefix(direction.stage(), direction.condition()), partnership)}] = "";
  }
  for (const trust::v1::AttentionItem& item : row.attention()) {
    rows[{kAttentionTable, absl::StrCat(AttentionKindPrefix(item.kind()),
                                        AttentionPlace(KeptDay(item), partnership, item))}] = item.SerializeAsString();
  }
  return rows;
}

std::vector<eventstore::RowWrite> StandingWrites(const std::string& partnership,
                                                 const std::optional<trust::v1::StandingRow>& before,
                                                 const std::optional<trust::v1::StandingRow>& after) {
  std::vector<eventstore::RowWrite> writes;
  const DerivedRows old = before ? DerivedRowsOf(partnership, *before) : DerivedRows();
  const DerivedRows fresh = after ? DerivedRowsOf(partnership, *after) : DerivedRows();
  for (const auto& [place, value] : old) {
    if (fresh.count(place) == 0) writes.push_back({place.first, place.second, std::nullopt});
  }
  for (const auto& [place, value] : fresh) {
    const auto same = old.find(place);
    if (same == old.end() || same->second != value) writes.push_back({place.first, place.second, value});
  }
  if (after) {
    writes.push_back({kStandingTable, partnership, after->SerializeAsString()});
  } else if (before) {
    writes.push_back({kStandingTable, partnership, std::nullopt});
  }
  return writes;
}

absl::StatusOr<std::optional<trust::v1::StandingRow>> ReadStandingRow(const eventstore::EventStore& store,
                                                                      absl::string_view partnership) {
  const absl::StatusOr<std::optional<std::string>> bytes = store.GetRow(kStandingTable, partnership);
  if (!bytes.ok()) return ReadFault(bytes.status());
  if (!bytes->has_value()) return std::nullopt;
  trust::v1::StandingRow row;
  if (!row.ParseFromString(**bytes)) {
    return ReadFault(absl::DataLossError(absl::StrCat("the standing row of ", partnership, " is not one")));
  }
  return std::make_optional(std::move(row));
}

}  // namespace services
