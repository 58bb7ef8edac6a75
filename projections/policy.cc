#include "projections/policy.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "projections/canonical_text.h"
#include "projections/default_policy.h"
#include "projections/policy_rules.h"

namespace projections {
namespace {

using trust::v1::PolicyDocument;

Weights ToWeights(const trust::v1::FacetWeights& from) {
  Weights weights{};
  const std::vector<int32_t> values = WeightsOf(from);
  for (size_t facet = 0; facet < values.size(); ++facet) weights[facet] = static_cast<uint64_t>(values[facet]);
  return weights;
}

uint32_t Bit(int notion) { return uint32_t{1} << notion; }

template <typename Row>
const Row* Find(const std::vector<Row>& rows, const std::vector<std::array<int16_t, 8>>& index, int kind, int variant) {
  if (kind < 0 || static_cast<size_t>(kind) >= index.size() || variant < 0 || variant >= 8) return nullptr;
  const int16_t row = index[static_cast<size_t>(kind)][static_cast<size_t>(variant)];
  return row < 0 ? nullptr : &rows[static_cast<size_t>(row)];
}

void SetIndex(std::pair<int, int> kind, size_t row, std::vector<std::array<int16_t, 8>>* index) {
  const size_t number = static_cast<size_t>(kind.first);
  if (index->size() <= number) index->resize(number + 1, {-1, -1, -1, -1, -1, -1, -1, -1});
  (*index)[number][static_cast<size_t>(kind.second)] = static_cast<int16_t>(row);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Parse(absl::string_view json) {
  PolicyDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &document);
  if (!parsed.ok()) {
    const auto reason = parsed.message();
    return absl::InvalidArgumentError(
        absl::StrCat("not a policy document: ", absl::string_view(reason.data(), reason.size())));
  }
  const std::vector<std::string> broken = BrokenRules(document);
  if (!broken.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the policy breaks rules: ", absl::StrJoin(broken, "; ")));
  }
  return std::make_shared<const Policy>(std::move(document));
}

std::shared_ptr<const Policy> Policy::Default() {
  // The document is part of the program and tested with it, so that it parses.
  return *Parse(kDefaultPolicyJson);
}

Policy::Policy(PolicyDocument document) : document_(std::move(document)), canonical_text_(CanonicalText(document_)) {
  CompileFacets();
  CompileRows();
  CompileFactors();
}

const PositiveRule* Policy::FindPositive(int kind, int variant) const {
  return Find(positive_, positive_index_, kind, variant);
}

const NegativeRule* Policy::FindNegative(int kind, int variant) const {
  return Find(negative_, negative_index_, kind, variant);
}

void Policy::CompileFacets() {
  const auto mass = [](int32_t milli) { return ToMass(static_cast<uint64_t>(milli)); };
  rules_.prior.weight = mass(document_.prior_weight_milli());
  rules_.prior.expectation = rules_.prior.weight * static_cast<Mass>(10 * document_.base_rate_permille());
  for (const trust::v1::FacetThresholds& from : document_.facets()) {
    FacetRule& facet = rules_.facets[static_cast<size_t>(from.facet() - 1)];
    facet.enter_score = from.enter_score_bp();
    facet.hold_score = from.hold_score_bp();
    facet.enter = mass(from.enter_positive_milli());
    facet.hold = mass(from.hold_positive_milli());
    facet.begin = mass(from.begin_positive_milli());
    facet.stop = mass(from.stop_positive_milli());
    facet.confirmed = mass(from.confirmed_positive_milli());
    facet.recovery = mass(from.recovery_positive_milli());
  }
  for (const trust::v1::CoverageRule& from : document_.coverage()) {
    CoverageNeed& need = rules_.coverage[static_cast<size_t>(from.facet() - 1)];
    for (const trust::v1::NotionSet& set : from.notions()) {
      uint32_t bits = 0;
      for (const int notion : set.any_of()) bits |= Bit(notion);
      need.notion_sets.push_back(bits);
    }
    need.counts_acts = from.unit() == trust::v1::COVERAGE_UNIT_ACTS;
    need.count_min = from.count_min();
    need.span_days_min = from.span_days_min();
  }
}

PositiveRule Policy::Compile(const trust::v1::PositiveRow& row) const {
  PositiveRule rule;
  rule.weights = ToWeights(row.weights());
  rule.hearsay = row.hearsay();
  for (const trust::v1::CoverageRule& coverage : document_.coverage()) {
    const size_t facet = static_cast<size_t>(coverage.facet() - 1);
    if (rule.weights[facet] < static_cast<uint64_t>(std::max(0, coverage.row_weight_min_milli()))) continue;
    if (row.notion() != trust::v1::NOTION_UNSPECIFIED) rule.notions[facet] = Bit(row.notion());
    const auto& counted = coverage.counted();
    rule.counted[facet] =
        counted.empty() || std::find(counted.begin(), counted.end(), int{row.notion()}) != counted.end();
  }
  return rule;
}

int Policy::DecayIndex(int half_life_days) {
  const auto found = std::find(half_lives_.begin(), half_lives_.end(), half_life_days);
  if (found != half_lives_.end()) return static_cast<int>(found - half_lives_.begin());
  half_lives_.push_back(half_life_days);
  rules_.decays.emplace_back(half_life_days);
  return static_cast<int>(half_lives_.size()) - 1;
}

void Policy::CompileRows() {
  DecayIndex(document_.positive_half_life_days());
  for (const trust::v1::PositiveRow& row : document_.positive_rows()) {
    SetIndex(*FindKind(row.kind(), row.variant()), positive_.size(), &positive_index_);
    positive_.push_back(Compile(row));
  }
  for (const trust::v1::NegativeRow& row : document_.negative_rows()) {
    SetIndex(*FindKind(row.kind(), row.variant()), negative_.size(), &negative_index_);
    negative_.push_back({ToWeights(row.weights()), row.basis(), DecayIndex(row.half_life_days()), row.hearsay()});
  }
  rules_.attestation.half_life = DecayIndex(document_.attestation().negative_half_life_days());
}

void Policy::CompileFactors() {
  const auto factor = [](int32_t permille) { return static_cast<uint64_t>(permille); };
  const auto& materiality = document_.materiality();
  rules_.materiality = {factor(materiality.medium_permille()), factor(materiality.low_permille()),
                        factor(materiality.medium_permille()), factor(materiality.high_permille()),
                        factor(materiality.critical_permille())};
  const auto& severity = document_.severity();
  rules_.severity = {factor(severity.moderate_permille()), factor(severity.minor_permille()),
                     factor(severity.moderate_permille()), factor(severity.major_permille()),
                     factor(severity.critical_permille())};
  const auto& source = document_.source();
  rules_.source = {factor(source.counterpart_permille()), factor(source.self_permille()),
                   factor(source.counterpart_permille()), factor(source.joint_permille()),
                   factor(source.third_party_permille()), factor(source.system_permille())};
  const auto& standing = document_.standing();
  rules_.standing = {factor(standing.alleged_permille()),       factor(standing.alleged_permille()),
                     factor(standing.disputed_permille()),      factor(standing.acknowledged_permille()),
                     factor(standing.substantiated_permille()), factor(standing.partly_permille()),
                     factor(standing.unfounded_permille()),     factor(standing.withdrawn_permille())};
  const auto& resolutions = document_.resolutions();
  rules_.resolution = {0,
                       resolutions.joint_permille(),
                       resolutions.compromise_permille(),
                       resolutions.adjudicated_permille(),
                       resolutions.imposed_permille(),
                       resolutions.avoided_permille()};
  for (const trust::v1::RepairRow& row : document_.repairs()) {
    rules_.repairs[static_cast<size_t>(row.basis())] = {
        {row.acknowledged_permille(), row.apology_permille(), row.remediation_completed_permille(),
         row.remediation_verified_permille()},
        row.cap_permille()};
  }
  for (auto& by_severity : rules_.ceilings) by_severity.fill(kHighestStage);
  for (const trust::v1::CeilingRow& row : document_.ceilings()) {
    rules_.ceilings[static_cast<size_t>(row.basis())][static_cast<size_t>(row.severity())] = row.ceiling();
  }
}

}  // namespace projections
