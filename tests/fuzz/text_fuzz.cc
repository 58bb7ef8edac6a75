// The small texts: identifiers, the names of events, dates, and text that a terminal shows. Promised: a text is what
// its grammar says; a date comes back as it was read; what is shown cannot steer the terminal, and no letter of it is
// lost by breaking it into lines.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/domain/identifier.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }

// Up to so many letters, digits and marks, of which the first and the last are no marks.
bool IsName(absl::string_view text, size_t size_max, absl::string_view marks) {
  if (text.empty() || text.size() > size_max) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool inside = i > 0 && i + 1 < text.size();
    const bool is_mark = marks.find(text[i]) != absl::string_view::npos;
    if (!IsLetter(text[i]) && !IsDigit(text[i]) && !(inside && is_mark)) return false;
  }
  return true;
}

bool All(absl::string_view text, bool (*fits)(char)) { return std::all_of(text.begin(), text.end(), fits); }

bool IsUuid(absl::string_view text) {
  const std::vector<std::string> groups = absl::StrSplit(absl::AsciiStrToLower(text), '-');
  if (groups.size() != 5) return false;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].size() != (i == 0 ? 8u : i == 4 ? 12u : 4u) || !All(groups[i], IsHex)) return false;
  }
  return true;
}

void ReadIdentifier(absl::string_view bytes) {
  const fuzz::ExactCopy exact(bytes);
  const absl::string_view text = exact.view();
  const bool begins_with_letter = !text.empty() && IsLetter(text[0]);
  Require(domain::IsId(text) == (begins_with_letter && IsName(text, 63, "-")), "an id is of its grammar");
  Require(domain::IsUuid(text) == IsUuid(text), "a UUID is of its grammar");
  Require(domain::IsExternalId(text) == (IsName(text, 128, "-._") && !All(text, IsDigit)),
          "an external id is of its grammar");
  Require(domain::IsSha256(text) == (text.size() == 64 && All(text, IsHex)), "a digest is of its grammar");
  Require(domain::IsPolicyLabel(text) == (begins_with_letter && IsName(text, 63, "./_-")),
          "a policy's label is of its grammar");
}

void ReadEventName(fuzz::Input& input) {
  const absl::string_view partnership = input.Text();
  const fuzz::ExactCopy exact(input.Rest());
  const absl::string_view name = exact.view();
  if (const auto revision = projections::ParseEventName(partnership, name)) {
    Require(*revision >= 1, "revisions begin at 1");
    Require(name == absl::StrCat(*revision) || partnership.empty() ||
                name == projections::EventName(partnership, *revision),
            "an event has two names, and no other");
  }
  if (domain::IsId(partnership)) {
    const int64_t revision = static_cast<int64_t>(name.size()) + 1;
    Require(projections::ParseEventName(partnership, projections::EventName(partnership, revision)) == revision,
            "a name is read as it was written");
  }
}

void ReadDate(absl::string_view bytes) {
  const fuzz::ExactCopy exact(bytes);
  const auto time = trustctl::ParseLastInstant(exact.view());
  if (!time.ok()) return fuzz::RequireModest(time.status());
  Require(time->nanos() >= 0 && time->nanos() < 1'000'000'000, "a time is normal");
  const auto again = trustctl::ParseLastInstant(trustctl::FormatExactTime(*time));
  Require(again.ok() && again->seconds() == time->seconds() && again->nanos() == time->nanos(),
          "an instant is read as it was written");
  const auto second = trustctl::ParseLastInstant(trustctl::FormatTime(*time, trust::v1::TIME_PRECISION_INSTANT));
  Require(second.ok() && second->seconds() == time->seconds() && second->nanos() == 0,
          "a column shows the second of an instant");
  if (bytes.size() == 10) Require(trustctl::FormatDay(*time) == bytes, "a day is the day that was written");
}

void WriteDate(fuzz::Input& input) {
  google::protobuf::Timestamp time;
  time.set_seconds(static_cast<int64_t>(input.Number()));
  time.set_nanos(static_cast<int32_t>(input.Number(4)));
  for (int precision = 0; precision <= trust::v1::TimePrecision_MAX; ++precision) {
    Require(!trustctl::FormatTime(time, static_cast<trust::v1::TimePrecision>(precision)).empty(), "a time is shown");
  }
  const absl::Time instant = projections::ToTime(time);
  const projections::Day day = projections::DayOf(instant);
  if (time.seconds() >= -62'135'596'800 && time.seconds() <= 253'402'300'799 && time.nanos() >= 0 &&
      time.nanos() < 1'000'000'000) {
    Require(projections::StartOf(day) <= instant && instant < projections::StartOf(day + 1), "a time is of its day");
    Require(trustctl::FormatDay(time) == projections::FormatDay(day), "both write the same day");
  }
}

void ShowText(fuzz::Input& input) {
  const int width = 2 + input.Pick(40);
  const fuzz::ExactCopy exact(input.Rest());
  const std::string shown = trustctl::Printable(exact.view());
  Require(domain::IsDisplayText(shown), "what is shown is text without control characters");
  Require(trustctl::Printable(shown) == shown, "what can be shown stays as it is");
  if (domain::IsDisplayText(exact.view()) && exact.view().size() == shown.size()) {
    Require(trustctl::DisplayWidth(shown) >= 0, "text has a width");
  }
  const std::vector<std::string> lines = trustctl::Wrap(shown, width);
  Require(!lines.empty(), "there is a line");
  for (const std::string& line : lines) Require(trustctl::DisplayWidth(line) <= width, "a line fits");
  const auto letters = [](absl::string_view text) { return absl::StrReplaceAll(text, {{" ", ""}}); };
  Require(letters(absl::StrJoin(lines, "")) == letters(shown), "no letter is lost");
  for (const std::string& line : lines) Require(trustctl::Printable(line) == line, "no letter is cut");
}

void ShowNumber(fuzz::Input& input) {
  const int64_t number = static_cast<int64_t>(input.Number());
  const std::string text = trustctl::WithSeparators(number);
  Require(absl::StrReplaceAll(text, {{",", ""}}) == absl::StrCat(number), "the digits are those of the number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(6)) {
    case 0:
      ReadIdentifier(input.Rest());
      break;
    case 1:
      ReadEventName(input);
      break;
    case 2:
      ReadDate(input.Rest());
      break;
    case 3:
      WriteDate(input);
      break;
    case 4:
      ShowText(input);
      break;
    case 5:
      ShowNumber(input);
      break;
  }
  return 0;
}
