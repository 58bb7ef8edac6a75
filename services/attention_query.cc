#include "services/attention_query.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/standing_rows.h"
#include "services/store_fault.h"

namespace services {
namespace {

using trust::v1::AttentionItem;
using trust::v1::AttentionKind;

constexpr int kWithinDaysDefault = 90;
constexpr int kWithinDaysMax = 3650;

// Where an item stands in the list.
struct Place {
  projections::Day day = 0;
  std::string partnership;
  int kind = 0;
  std::string rest;  // Within day, partnership and kind: direction and event.

  bool operator<(const Place& other) const {
    return std::tie(day, partnership, kind, rest) < std::tie(other.day, other.partnership, other.kind, other.rest);
  }
};

struct Found {
  Place place;
  AttentionItem item;
};

// What is asked for, filled in.
struct Question {
  std::set<int> kinds;
  projections::Day today = 0;
  projections::Day lapse_day_max = 0;
  size_t count = 0;            // How many are wanted, one beyond the page.
  std::optional<Place> after;  // The last item of the page before.
};

constexpr size_t kPlaceNamesBegin = 9;  // Behind two days and a kind.

std::string EncodePlace(projections::Day today, const Place& place) {
  return absl::StrCat(DayKey(today), DayKey(place.day), std::string(1, static_cast<char>(place.kind)),
                      place.partnership, std::string(1, '\0'), place.rest);
}

// Reads a place into the question. A token may be made up, its check included: false when this is no place.
bool DecodePlace(absl::string_view text, Question* question) {
  const size_t end = text.size() < kPlaceNamesBegin ? absl::string_view::npos : text.find('\0', kPlaceNamesBegin);
  if (end == absl::string_view::npos) return false;
  const projections::Day today = DayOfKey(text);
  if (today > question->today) return false;  // No list was about a day to come.
  question->today = today;
  Place& place = question->after.emplace();
  place.day = DayOfKey(text.substr(4));
  place.kind = text[8];
  place.partnership = std::string(text.substr(kPlaceNamesBegin, end - kPlaceNamesBegin));
  place.rest = std::string(text.substr(end + 1));
  return true;
}

// The place of an attention row's key, its kind's byte taken off.
Place PlaceOf(absl::string_view key, int kind, projections::Day today) {
  Place place;
  place.kind = kind;
  // What is always about today is kept under no day.
  place.day = kind == trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE ? today : DayOfKey(key);
  const absl::string_view partnership = PartnershipOfPlace(key);
  place.partnership = std::string(partnership);
  place.rest = std::string(key.substr(4 + partnership.size() + 1));
  return place;
}

// From which key on the rows of a kind come after a place; nullopt when none does.
std::optional<std::string> StartOf(int kind, const Question& question) {
  const std::string prefix = AttentionKindPrefix(static_cast<AttentionKind>(kind));
  if (!question.after.has_value()) return prefix;
  const Place& after = *question.after;
  projections::Day day = after.day;
  if (kind == trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE) {
    if (after.day > question.today) return std::nullopt;
    if (after.day < question.today) return prefix;
    day = 0;
  }
  const std::string start = absl::StrCat(prefix, DayKey(day), after.partnership, std::string(1, '\0'));
  if (kind > after.kind) return start;
  if (kind == after.kind) return absl::StrCat(start, after.rest);
  return absl::StrCat(start, "\x7f");  // Greater than all that may follow: names are of smaller bytes.
}

bool IsAskedFor(const Place& place, const Question& question) {
  if (question.kinds.count(place.kind) == 0) return false;
  if (question.after.has_value() && !(*question.after < place)) return false;
  return place.day <= (place.kind == trust::v1::ATTENTION_KIND_LAPSE ? question.lapse_day_max : question.today);
}

absl::Status ReadKind(const eventstore::EventStore& store, int kind, const Question& question,
                      std::vector<Found>* found) {
  const std::optional<std::string> start = StartOf(kind, question);
  if (!start.has_value()) return absl::OkStatus();
  const std::string prefix = AttentionKindPrefix(static_cast<AttentionKind>(kind));
  size_t count = 0;
  absl::Status wrong;
  const absl::Status scanned =
      store.ScanRows(kAttentionTable, *start, [&](absl::string_view key, absl::string_view value) {
        if (!absl::StartsWith(key, prefix)) return false;
        Found entry;
        entry.place = PlaceOf(key.substr(prefix.size()), kind, question.today);
        if (!IsAskedFor(entry.place, question)) return false;  // Beyond the last day: so is all that follows.
        if (!entry.item.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          wrong = ReadFault(absl::DataLossError("a row of the attention table is not an item"));
          return false;
        }
        found->push_back(std::move(entry));
        return ++count < question.count;
      });
  if (!wrong.ok()) return wrong;
  return scanned.ok() ? absl::OkStatus() : ReadFault(scanned);
}

absl::Status ReadPartnership(const eventstore::EventStore& store, const std::string& partnership,
                             const Question& question, std::vector<Found>* found) {
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(partnership);
  if (!revision.ok()) return ReadFault(revision.status());
  if (*revision == 0) return PartnershipNotFound(partnership);
  const absl::StatusOr<std::optional<trust::v1::StandingRow>> row = ReadStandingRow(store, partnership);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return absl::OkStatus();  // The index has not seen it yet.
  for (const AttentionItem& item : (*row)->attention()) {
    Found entry;
    entry.place = PlaceOf(AttentionPlace(KeptDay(item), partnership, item), item.kind(), question.today);
    if (!IsAskedFor(entry.place, question)) continue;
    entry.item = item;
    found->push_back(std::move(entry));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const trust::v1::ListAttentionRequest& request) {
  QueryChecks checks;
  checks.OptionalId("partnership", request.partnership());
  for (int i = 0; i < request.kinds_size(); ++i) checks.Required(absl::StrCat("kinds[", i, "]"), request.kinds(i));
  if (request.within_days() != 0) checks.Range("within_days", request.within_days(), 1, kWithinDaysMax);
  checks.PageSize(request.page_size());
  return checks.Verdict();
}

absl::Status ListAttentionNow(const eventstore::EventStore& store, projections::Day today,
                              const trust::v1::ListAttentionRequest& request,
                              trust::v1::ListAttentionResponse* response) {
  Question question;
  question.kinds.insert(request.kinds().begin(), request.kinds().end());
  const int within = request.within_days() == 0 ? kWithinDaysDefault : request.within_days();
  std::string arguments = absl::StrCat("ListAttention\n", request.partnership(), "\n", within);
  for (const int kind : question.kinds) absl::StrAppend(&arguments, "\n", kind);
  if (question.kinds.empty()) {
    for (int kind = trust::v1::ATTENTION_KIND_LAPSE; kind <= trust::v1::AttentionKind_MAX; ++kind) {
      question.kinds.insert(kind);
    }
  }
  const absl::StatusOr<std::string> token = ParsePageToken(request.page_token(), arguments);
  if (!token.ok()) return token.status();
  question.today = today;
  if (!token->empty() && !DecodePlace(*token, &question)) return InvalidPageToken();
  question.lapse_day_max = question.today + within;
  const auto page_size = static_cast<size_t>(QueryChecks().PageSize(request.page_size()));
  question.count = page_size + 1;

  std::vector<Found> found;
  absl::Status read;
  if (!request.partnership().empty()) {
    read = ReadPartnership(store, request.partnership(), question, &found);
  } else {
    for (auto kind = question.kinds.begin(); kind != question.kinds.end() && read.ok(); ++kind) {
      read = ReadKind(store, *kind, question, &found);
    }
  }
  if (!read.ok()) return read;
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.place < b.place; });
  response->set_as_of_date(projections::FormatDay(question.today));
  for (size_t i = 0; i < std::min(found.size(), page_size); ++i) {
    AttentionItem& item = *response->add_items();
    item = std::move(found[i].item);
    item.set_partnership(found[i].place.partnership);
    item.set_date(projections::FormatDay(found[i].place.day));
  }
  if (found.size() > page_size) {
    response->set_next_page_token(PageToken(EncodePlace(question.today, found[page_size - 1].place), arguments));
  }
  return absl::OkStatus();
}

}  // namespace services
