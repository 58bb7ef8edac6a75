// Pieces that several parts of a report share: readings, changes and events in words. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_WORDS_H_
#define SERVICES_TRUSTCTL_REPORT_WORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "services/trustctl/html.h"
#include "services/trustctl/report_evidence.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// Said behind the name of a policy that need not be the one that applies.
inline constexpr char kChosenPolicy[] = ", chosen for this report";

// "3 establishing reliability": the number makes stages comparable at a glance.
std::string NumberedStage(trust::v1::Stage stage);

// "until 2027-01-13, then building rapport"; empty when nothing ends.
std::string HoldsInWords(const trust::v1::DirectionReading& reading);

// "klm → northwest", as a page has it.
std::string DirectionOnPage(absl::string_view trustor, absl::string_view trustee);

// The text with each " -> " as an arrow, which no line break takes apart.
std::string WithArrows(absl::string_view text);

// "57 % ± 11".
std::string ScoreInWords(const trust::v1::FacetReading& facet);

// "16, 17" for partnerships/x/events/16 and 17; at most shown of them, with how many more there are.
std::string EventNumbers(const google::protobuf::RepeatedPtrField<std::string>& events, int64_t count, int shown);

// "Volkswagen (volkswagen)", or the id alone.
std::string NameOfPartner(const trust::v1::Partner& partner);

// The day, with what is less exact said as it is known.
std::string WhenInWords(const trust::v1::Event& event);

// What happened, with its label.
std::string WhatInWords(const ReportedEvent& reported);

// A paragraph.
Html Paragraph(absl::string_view text);

// What the columns trustor → trustee, stage, since, condition, ceiling and holds of a direction say.
std::vector<Html> StageCells(const trust::v1::DirectionReading& direction);

// What stages, conditions and the ceiling are, for below such a table.
Html StageLegend();

// What needs care, with the partnerships when it is of several; why it is not told when it is absent.
Html AttentionOnPage(const std::optional<trust::v1::ListAttentionResponse>& attention, bool names_partnerships);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_WORDS_H_
