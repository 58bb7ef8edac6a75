#include "projections/policy_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "trust/v1/events.pb.h"

namespace projections {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using trust::v1::Evidence;
using trust::v1::PolicyDocument;

constexpr int kFactorMax = 1'000'000;
constexpr int kMassMax = 1'000'000'000;

// The sentences so far.
class Findings {
 public:
  template <typename... Args>
  void Require(bool holds, absl::string_view rule, const Args&... sentence) {
    if (!holds) found_.push_back(absl::StrCat(rule, ": ", sentence...));
  }
  std::vector<std::string> Take() { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

std::string Title(absl::string_view kind, absl::string_view variant) {
  return variant.empty() ? std::string(kind) : absl::StrCat(kind, " ", variant);
}

// The field of a kind's message that tells its results or types apart; null when it has none.
const FieldDescriptor* VariantField(const FieldDescriptor& kind) {
  for (const char* name : {"result", "type", "mode"}) {
    const FieldDescriptor* const field = kind.message_type()->FindFieldByName(name);
    if (field != nullptr && field->enum_type() != nullptr) return field;
  }
  return nullptr;
}

// What rows of a kind there may be.
enum class RowsAllowed { kBoth, kPositive, kNegative, kNone };

RowsAllowed AllowedRows(int kind, int variant) {
  switch (static_cast<Evidence::KindCase>(kind)) {
    case Evidence::kConflictRaised:
    case Evidence::kConflictEscalated:
    case Evidence::kFormalDisputeOpened:
    case Evidence::kViolationReported:
      return RowsAllowed::kNegative;
    case Evidence::kConflictResolved:
      return variant == trust::v1::RESOLUTION_MODE_JOINT ? RowsAllowed::kPositive : RowsAllowed::kNone;
    case Evidence::kViolationDisputed:
    case Evidence::kViolationAcknowledged:
    case Evidence::kAllegationWithdrawn:
    case Evidence::kFindingIssued:
    case Evidence::kApologyIssued:
    case Evidence::kRemediationCompleted:
    case Evidence::kRemediationVerified:
    case Evidence::kInterpersonalTrustAttested:
      return RowsAllowed::kNone;
    default:  // Every other kind may weigh what the policy likes.
      return RowsAllowed::kBoth;
  }
}

void CheckScalars(const PolicyDocument& document, Findings* findings) {
  findings->Require(!document.version().empty(), "document", "version is missing");
  findings->Require(document.algorithm() == kAlgorithmVersion, "document", "algorithm is ", document.algorithm(),
                    ", this program has ", kAlgorithmVersion);
  findings->Require(document.base_rate_permille() >= 0 && document.base_rate_permille() <= 1000, "document",
                    "base_rate_permille is not within 0 to 1000");
  findings->Require(document.deception_discharge_divisor() >= 1, "document", "deception_discharge_divisor is below 1");
  for (const int share :
       {document.key_person_share_bp(), document.strained_disbelief_bp(), document.dormant_uncertainty_bp()}) {
    findings->Require(share >= 0 && share <= 10000, "document", "a share of ", share, " bp is not within 0 to 10000");
  }
  for (const int days : {document.recidivism().window_days(), document.early_violation().window_days(),
                         document.deception_ceiling().window_days()}) {
    findings->Require(days >= 0 && days <= 36500, "document", "a window of ", days, " days is not within 0 to 36500");
  }
  for (const trust::v1::Severity severity : {document.anchor_severity_min(), document.recovery_severity_min(),
                                             document.deception_ceiling().severity_min()}) {
    findings->Require(severity >= trust::v1::SEVERITY_MINOR && severity <= trust::v1::SEVERITY_CRITICAL, "document",
                      "a severity_min is missing");
  }
  findings->Require(document.prior_weight_milli() > 0, "V11", "prior_weight_milli is not above 0");
  findings->Require(document.prior_weight_milli() <= kMassMax, "document", "prior_weight_milli is above ", kMassMax);
  findings->Require(document.recidivism().cap_permille() >= 1000, "V7", "the recidivism cap is below 1000");
  findings->Require(document.role().witness_permille() <= 1000, "V8", "the witness factor is above 1000");
  findings->Require(document.source().self_permille() <= 1000, "V8",
                    "the factor of a party's own records is above 1000");
  findings->Require(document.early_violation().multiplier_permille() >= 1000, "V9",
                    "the early multiplier is below 1000");
}

void CheckFacets(const PolicyDocument& document, Findings* findings) {
  std::set<int> seen;
  for (const trust::v1::FacetThresholds& facet : document.facets()) {
    const std::string name = trust::v1::Facet_Name(facet.facet());
    seen.insert(facet.facet());
    const bool nurture = facet.facet() == trust::v1::FACET_NURTURE;
    findings->Require(facet.hold_score_bp() >= int64_t{10} * document.base_rate_permille(), "V2", name,
                      " is held at a score below the base rate, so that silence could promote");
    findings->Require(nurture || facet.hold_score_bp() <= facet.enter_score_bp(), "V3", name,
                      " is held at a higher score than it is entered at");
    findings->Require(facet.stop_positive_milli() >= 0 && facet.stop_positive_milli() <= facet.begin_positive_milli(),
                      "V11", name, " needs 0 <= stop_positive_milli <= begin_positive_milli");
    findings->Require(
        facet.hold_positive_milli() >= 0 && (nurture || facet.hold_positive_milli() <= facet.enter_positive_milli()),
        "V14", name, " needs enter_positive_milli >= hold_positive_milli >= 0");
    for (const int score : {facet.enter_score_bp(), facet.hold_score_bp()}) {
      findings->Require(score >= 0 && score <= 10000, "document", name, " has a score outside 0 to 10000");
    }
    for (const int mass :
         {facet.enter_positive_milli(), facet.hold_positive_milli(), facet.begin_positive_milli(),
          facet.stop_positive_milli(), facet.confirmed_positive_milli(), facet.recovery_positive_milli()}) {
      findings->Require(mass <= kMassMax, "document", name, " has a mass above ", kMassMax);
    }
    findings->Require(facet.confirmed_positive_milli() >= 0 && facet.recovery_positive_milli() >= 0, "document", name,
                      " has a negative mass");
  }
  findings->Require(document.facets_size() == 4 && seen == std::set<int>({1, 2, 3, 4}), "document",
                    "facets must hold each of the four facets once");
}

// What both sorts of rows have in common.
template <typename Row>
void CheckRow(const Row& row, RowsAllowed other, std::set<std::pair<int, int>>* seen, Findings* findings) {
  const std::string title = Title(row.kind(), row.variant());
  const auto kind = FindKind(row.kind(), row.variant());
  findings->Require(kind.has_value(), "document", "no kind of evidence is called ", title);
  if (kind.has_value()) {
    findings->Require(seen->insert(*kind).second, "document", title, " has two rows");
    const RowsAllowed allowed = AllowedRows(kind->first, kind->second);
    findings->Require(allowed != RowsAllowed::kNone && allowed != other, "document", title, " can have no such row");
  }
  findings->Require(row.basis() >= trust::v1::BASIS_ABILITY && row.basis() <= trust::v1::BASIS_INTEGRITY, "document",
                    title, " has no basis");
  for (const int32_t weight : WeightsOf(row.weights())) {
    findings->Require(weight >= 0, "V4", title, " has a negative weight");
    findings->Require(weight >= 0 && weight <= kFactorMax, "V13", title, " has a weight outside 0 to ", kFactorMax);
  }
}

void CheckRows(const PolicyDocument& document, Findings* findings) {
  std::set<std::pair<int, int>> seen;
  for (const trust::v1::PositiveRow& row : document.positive_rows()) {
    CheckRow(row, RowsAllowed::kNegative, &seen, findings);
    const std::string title = Title(row.kind(), row.variant());
    findings->Require(row.home() >= trust::v1::FACET_CREDIBILITY && row.home() <= trust::v1::FACET_NURTURE, "document",
                      title, " has no home facet");
    const std::vector<int32_t> weights = WeightsOf(row.weights());
    for (size_t facet = 0; facet < weights.size(); ++facet) {
      findings->Require(static_cast<int>(facet) < row.home() || weights[facet] == 0, "V5", title,
                        " weighs something above its home facet");
    }
    findings->Require(trust::v1::Notion_IsValid(row.notion()), "document", title, " covers an unknown notion");
  }
  for (const trust::v1::NegativeRow& row : document.negative_rows()) {
    CheckRow(row, RowsAllowed::kPositive, &seen, findings);
    const std::string title = Title(row.kind(), row.variant());
    findings->Require(row.violation() == (row.kind() == "violation_reported"), "document", title,
                      " must be marked as a violation exactly if it is violation_reported");
  }
}

void CheckHalfLives(const PolicyDocument& document, Findings* findings) {
  std::map<int, std::string> half_lives = {
      {document.attestation().negative_half_life_days(), "interpersonal_trust_attested"}};
  for (const trust::v1::NegativeRow& row : document.negative_rows()) {
    half_lives.emplace(row.half_life_days(), Title(row.kind(), row.variant()));
  }
  const int positive = document.positive_half_life_days();
  findings->Require(positive <= half_lives.begin()->first, "V1", "good acts fade more slowly than ",
                    half_lives.begin()->second, ", so that silence could promote");
  half_lives.emplace(positive, "the good acts");
  for (const auto& [days, title] : half_lives) {
    findings->Require(days >= 1 && days <= 36500, "V12", "the half-life of ", title, " is not within 1 to 36500 days");
  }
}

// Every whole number named ..._permille, and the attestation's weights, at any depth.
void CheckFactors(const Message& message, Findings* findings) {
  const auto& in = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int size = field->is_repeated() ? in.FieldSize(message, field) : in.HasField(message, field) ? 1 : 0;
      for (int k = 0; k < size; ++k) {
        CheckFactors(field->is_repeated() ? in.GetRepeatedMessage(message, field, k) : in.GetMessage(message, field),
                     findings);
      }
      continue;
    }
    const std::string& name = field->name();
    const bool factor = name == "point_milli" || name == "full_milli" ||
                        (name.size() > 9 && name.compare(name.size() - 9, 9, "_permille") == 0);
    if (!factor || field->is_repeated()) continue;
    const int value = in.GetInt32(message, field);
    findings->Require(value >= 0 && value <= kFactorMax, "V13", message.GetDescriptor()->name(), ".", name,
                      " is not within 0 to ", kFactorMax);
  }
}

void CheckRepairs(const PolicyDocument& document, Findings* findings) {
  std::set<int> seen;
  for (const trust::v1::RepairRow& row : document.repairs()) {
    seen.insert(row.basis());
    findings->Require(row.cap_permille() < 1000, "V6", "repair may undo a violation of ",
                      trust::v1::Basis_Name(row.basis()), " wholly");
  }
  findings->Require(document.repairs_size() == 3 && seen == std::set<int>({1, 2, 3}), "document",
                    "repairs must hold each of the three bases once");
  const auto& resolutions = document.resolutions();
  for (const int discharge :
       {resolutions.joint_permille(), resolutions.compromise_permille(), resolutions.adjudicated_permille(),
        resolutions.imposed_permille(), resolutions.avoided_permille()}) {
    findings->Require(discharge <= 1000, "document", "a resolution takes off more than the conflict's weight");
  }
}

bool IsStage(trust::v1::Stage stage) {
  return stage >= trust::v1::STAGE_INITIAL_CONTACT && stage <= trust::v1::STAGE_MAINTAINING_COMMITMENT;
}

void CheckCeilings(const PolicyDocument& document, Findings* findings) {
  findings->Require(IsStage(document.dispute_ceiling()) && IsStage(document.deception_ceiling().ceiling()), "document",
                    "a ceiling names no stage");
  std::map<std::pair<int, int>, int> ceilings;  // By basis and severity.
  for (const trust::v1::CeilingRow& row : document.ceilings()) {
    const bool whole = IsStage(row.ceiling()) && row.basis() >= trust::v1::BASIS_ABILITY &&
                       row.basis() <= trust::v1::BASIS_INTEGRITY && row.severity() >= trust::v1::SEVERITY_MINOR &&
                       row.severity() <= trust::v1::SEVERITY_CRITICAL;
    findings->Require(whole, "document", "a ceiling needs a basis, a severity and a stage");
    findings->Require(ceilings.emplace(std::pair<int, int>(row.basis(), row.severity()), row.ceiling()).second,
                      "document", "a basis and severity have two ceilings");
  }
  for (int basis = trust::v1::BASIS_ABILITY; basis <= trust::v1::BASIS_INTEGRITY; ++basis) {
    int above = trust::v1::STAGE_MAINTAINING_COMMITMENT;
    bool monotone = true;
    for (int severity = trust::v1::SEVERITY_MINOR; severity <= trust::v1::SEVERITY_CRITICAL; ++severity) {
      const auto row = ceilings.find({basis, severity});
      const int ceiling = row == ceilings.end() ? int{trust::v1::STAGE_MAINTAINING_COMMITMENT} : row->second;
      monotone = monotone && ceiling <= above;
      above = ceiling;
    }
    findings->Require(monotone, "V10", "a graver violation of ",
                      trust::v1::Basis_Name(static_cast<trust::v1::Basis>(basis)),
                      " has a higher ceiling than a lesser one");
  }
}

void CheckCoverage(const PolicyDocument& document, Findings* findings) {
  std::set<int> seen;
  for (const trust::v1::CoverageRule& rule : document.coverage()) {
    const std::string name = trust::v1::Facet_Name(rule.facet());
    seen.insert(rule.facet());
    for (const trust::v1::NotionSet& set : rule.notions()) {
      findings->Require(set.any_of_size() > 0, "document", "a set of notions for ", name, " is empty");
      for (const int notion : set.any_of()) {
        findings->Require(trust::v1::Notion_IsValid(notion), "document", name, " wants an unknown notion");
      }
    }
    findings->Require(rule.count_min() >= 0 && rule.span_days_min() >= 0, "document", name, " has a negative number");
    findings->Require(rule.count_min() == 0 || rule.unit() != trust::v1::COVERAGE_UNIT_UNSPECIFIED, "document", name,
                      " has a count_min and no unit");
  }
  findings->Require(document.coverage_size() == 3 && seen == std::set<int>({1, 2, 3}), "document",
                    "coverage must hold credibility, rapport and reliability once each");
}

}  // namespace

std::vector<std::string> BrokenRules(const PolicyDocument& document) {
  Findings findings;
  CheckScalars(document, &findings);
  CheckFacets(document, &findings);
  CheckRows(document, &findings);
  CheckHalfLives(document, &findings);
  CheckFactors(document, &findings);
  CheckRepairs(document, &findings);
  CheckCeilings(document, &findings);
  CheckCoverage(document, &findings);
  return findings.Take();
}

std::vector<int32_t> WeightsOf(const trust::v1::FacetWeights& weights) {
  return {weights.credibility_milli(), weights.rapport_milli(), weights.reliability_milli(), weights.nurture_milli()};
}

std::optional<std::pair<int, int>> FindKind(absl::string_view kind, absl::string_view variant) {
  const FieldDescriptor* const field = Evidence::descriptor()->FindFieldByName(std::string(kind));
  if (field == nullptr || field->containing_oneof() == nullptr) return std::nullopt;
  const FieldDescriptor* const variants = VariantField(*field);
  if (variants == nullptr) {
    return variant.empty() ? std::make_optional(std::make_pair(field->number(), 0)) : std::nullopt;
  }
  const auto* const value = variants->enum_type()->FindValueByName(std::string(variant));
  if (value == nullptr || value->number() == 0) return std::nullopt;
  return std::make_pair(field->number(), value->number());
}

}  // namespace projections
