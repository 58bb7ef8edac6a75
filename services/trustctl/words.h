// Protos in words. Everything is read from the names in the protos by reflection, so that a new kind of event needs no
// line here. Pure.

#ifndef SERVICES_TRUSTCTL_WORDS_H_
#define SERVICES_TRUSTCTL_WORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// STAGE_BUILDING_RAPPORT as "building rapport"; empty for the value 0, and the number for one that this program does
// not know.
std::string EnumInWords(const google::protobuf::EnumDescriptor* type, int number);

template <typename Enum>
std::string InWords(Enum value) {
  return EnumInWords(google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

// "commitment fulfilled", "agreement signed", "partnership terminated"; "unknown to this trustctl" for a kind that is
// newer.
std::string KindInWords(const trust::v1::Event& event);

// What else the event's own message says, apart from the weight: "late, commitment 12"; often empty.
std::string DetailInWords(const trust::v1::Event& event);

// Kind and detail: "commitment fulfilled (late, commitment 12)".
std::string WhatHappened(const trust::v1::Event& event);

// The next four tell of a correction what it says in the place of what was recorded.

// Whose conduct it was and who experienced it: "northwest -> klm", "jointly: klm, northwest"; the partners of a
// founding.
std::string WhoWasInvolved(const trust::v1::Event& event);

// How grave a violation or how material other evidence is, defaults included; empty for an event that is no evidence.
std::string WeightInWords(const trust::v1::Event& event);

// Who stands behind the record; empty when the event is no evidence.
std::string SourceInWords(const trust::v1::Event& event);

// The id-shaped name of the matter; empty when the event has none.
std::string LabelOf(const trust::v1::Event& event);

// Where the fact stands, without the addresses that are named by a key: "klm92 (as KLM tells it)" for
// "klm92: https://... (as KLM tells it)". What was added for illustration keeps only the reason. --json has it in full.
std::string CitationInWords(const trust::v1::Event& event);

// One line for a place where an event is only mentioned: number, what happened, label, who, "synthetic", citation.
std::string InOneLine(const trust::v1::Event& event);

// The revision at the end of partnerships/x/events/17, or 0.
int64_t RevisionOf(absl::string_view event_name);

// "1 event", "2 events", "1,234 events".
std::string Count(int64_t number, absl::string_view noun);

// The policy's label with the beginning of its hash.
std::string PolicyInWords(absl::string_view version, absl::string_view sha256);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_WORDS_H_
