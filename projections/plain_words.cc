#include "projections/plain_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "trust/v1/policy.pb.h"

namespace projections {
namespace {

// STAGE_BUILDING_RAPPORT without its prefix as "building rapport".
std::string ValueInWords(const std::string& name, size_t prefix) {
  if (name.size() <= prefix) return "unknown";
  return absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(prefix)), {{"_", " "}});
}

}  // namespace

std::string StageInWords(trust::v1::Stage stage) {
  if (stage == trust::v1::STAGE_UNSPECIFIED) return "no stage";
  return ValueInWords(trust::v1::Stage_Name(stage), sizeof("STAGE_") - 1);
}

std::string FacetInWords(size_t facet) {
  return ValueInWords(trust::v1::Facet_Name(static_cast<trust::v1::Facet>(facet + 1)), sizeof("FACET_") - 1);
}

std::string NotionsInWords(uint32_t notions) {
  std::vector<std::string> words;
  for (int notion = 1; notion < 32; ++notion) {
    if ((notions >> notion & 1) == 0) continue;
    words.push_back(
        ValueInWords(trust::v1::Notion_Name(static_cast<trust::v1::Notion>(notion)), sizeof("NOTION_") - 1));
  }
  return absl::StrJoin(words, ", ");
}

std::string UnitsInWords(int64_t milli) {
  const std::string thousandths = absl::StrCat(1000 + milli % 1000);
  return absl::StrCat(milli / 1000, ".", thousandths.substr(1));
}

std::string PercentInWords(int64_t basis_points) {
  const std::string hundredths = absl::StrCat(100 + basis_points % 100);
  return absl::StrCat(basis_points / 100, ".", hundredths.substr(1), " %");
}

std::string DecimalOf(Mass mass) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(mass % 10)));
    mass /= 10;
  } while (mass > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string KindName(int kind) {
  const google::protobuf::FieldDescriptor* const field = trust::v1::Evidence::descriptor()->FindFieldByNumber(kind);
  return field == nullptr ? "unknown" : field->name();
}

std::string KindInWords(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", " "}}); }

std::string Enumerated(const std::vector<std::string>& parts) {
  if (parts.size() < 2) return absl::StrJoin(parts, "");
  return absl::StrCat(absl::StrJoin(parts.begin(), parts.end() - 1, ", "), " and ", parts.back());
}

}  // namespace projections
