#include "services/trustctl/report_chart_data.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/report_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

void SetText(Struct* object, const char* name, const std::string& text) {
  (*object->mutable_fields())[name].set_string_value(Printable(text));
}

void SetWhole(Struct* object, const char* name, int64_t number) {
  (*object->mutable_fields())[name].set_number_value(static_cast<double>(number));
}

ListValue* SetList(Struct* object, const char* name) { return (*object->mutable_fields())[name].mutable_list_value(); }

Struct* AddObject(ListValue* list) { return list->add_values()->mutable_struct_value(); }

std::string JsonLine(const Struct& object) {
  std::string json;
  // A Struct always has a JSON.
  return google::protobuf::util::MessageToJsonString(object, &json).ok() ? json : "{}";
}

void AddPath(const std::vector<trust::v1::Transition>& path, const std::string& trustor, const std::string& trustee,
             ListValue* list) {
  for (const trust::v1::Transition& transition : path) {
    if (transition.trustor() != trustor || transition.trustee() != trustee) continue;
    Struct* const step = AddObject(list);
    SetText(step, "date", transition.date());
    SetWhole(step, "stage", transition.stage());
    SetText(step, "stageName", StageInWords(transition.stage()));
    SetText(step, "cause", InWords(transition.cause()));
    SetText(step, "events", EventNumbers(transition.events(), transition.event_count(), 2));
  }
}

void AddScores(const std::vector<ReportSample>& samples, const std::string& trustor, const std::string& trustee,
               ListValue* list) {
  for (const ReportSample& sample : samples) {
    for (const trust::v1::DirectionReading& reading : sample.directions) {
      if (reading.trustor() != trustor || reading.trustee() != trustee) continue;
      Struct* const point = AddObject(list);
      SetText(point, "date", sample.date);
      ListValue* const facets = SetList(point, "facets");
      for (const trust::v1::FacetReading& facet : reading.facets()) {
        ListValue* const pair = facets->add_values()->mutable_list_value();
        pair->add_values()->set_number_value(facet.score_bp());
        pair->add_values()->set_number_value(facet.deviation_bp());
      }
    }
  }
}

void AddEvidence(const std::vector<ReportedEvent>& evidence, ListValue* list) {
  for (const ReportedEvent& reported : evidence) {
    if (!reported.event.has_evidence()) continue;
    Struct* const mark = AddObject(list);
    const std::string& actor = reported.event.evidence().actor();
    SetText(mark, "row", actor == "*" ? "jointly" : actor);
    SetText(mark, "date", DayOfEvent(reported.event));
    SetText(mark, "bearing", BearingInWords(reported.bearing));
    SetText(mark, "record", ProvenanceInWords(reported.provenance));
    SetText(mark, "words",
            absl::StrCat(reported.event.revision(), " ", WhatInWords(reported), ", ", WhenInWords(reported.event),
                         reported.retracted ? ", retracted" : ""));
    if (reported.retracted) SetText(mark, "retracted", "retracted");
  }
}

void AddPromises(const std::vector<Promise>& promises, ListValue* list) {
  for (const Promise& promise : promises) {
    Struct* const mark = AddObject(list);
    SetText(mark, "row", promise.promisor == "*" ? "jointly" : promise.promisor);
    SetText(mark, "made", promise.made_date);
    // Where it stands: the day of its outcome, or the day it is due, or that on which it was made.
    SetText(mark, "date",
            !promise.settled_date.empty() ? promise.settled_date
            : !promise.due_date.empty()   ? promise.due_date
                                          : promise.made_date);
    SetText(mark, "outcome", OutcomeInWords(promise.outcome));
    SetText(mark, "record", promise.synthetic ? "synthetic" : "");
    SetText(mark, "words",
            absl::StrCat(promise.label.empty() ? "" : absl::StrCat(promise.label, ", "),
                         OutcomeInWords(promise.outcome), promise.synthetic ? ", synthetic" : ""));
  }
}

}  // namespace

std::string PartnershipChartData(const PartnershipReport& report, const std::vector<ReportedEvent>& evidence,
                                 const std::vector<Promise>& promises) {
  Struct data;
  SetText(&data, "first", report.held_path.empty() ? "" : report.held_path.front().date());
  SetText(&data, "last", report.last_date);
  ListValue* const directions = SetList(&data, "directions");
  const int drawn = std::min(PartnershipReport::kDirectionsMax, report.held.directions_size());
  for (int i = 0; i < drawn; ++i) {
    const std::string& trustor = report.held.directions(i).trustor();
    const std::string& trustee = report.held.directions(i).trustee();
    Struct* const direction = AddObject(directions);
    SetText(direction, "name", DirectionOnPage(trustor, trustee));
    AddPath(report.held_path, trustor, trustee, SetList(direction, "held"));
    AddPath(report.hindsight_path, trustor, trustee, SetList(direction, "hindsight"));
    AddScores(report.samples, trustor, trustee, SetList(direction, "scores"));
  }
  AddEvidence(evidence, SetList(&data, "evidence"));
  AddPromises(promises, SetList(&data, "promises"));
  return JsonLine(data);
}

std::string PortfolioChartData(const PortfolioReport& report) {
  Struct data;
  std::map<trust::v1::Stage, int64_t> counts;
  ListValue* const paths = SetList(&data, "paths");
  for (const PortfolioReport::Member& member : report.members) {
    for (const trust::v1::DirectionReading& direction : member.held.directions()) {
      ++counts[direction.stage()];
      if (member.path.empty()) continue;
      Struct* const path = AddObject(paths);
      SetText(path, "partnership", member.partnership.partnership());
      SetText(path, "name", DirectionOnPage(direction.trustor(), direction.trustee()));
      SetText(path, "last",
              member.partnership.has_end_time() && direction.condition() == trust::v1::CONDITION_ENDED
                  ? FormatDay(member.partnership.end_time())
                  : report.as_of);
      AddPath(member.path, direction.trustor(), direction.trustee(), SetList(path, "held"));
    }
  }
  ListValue* const bars = SetList(&data, "counts");
  for (int stage = 1; stage <= 4; ++stage) {
    Struct* const bar = AddObject(bars);
    SetWhole(bar, "stage", stage);
    SetText(bar, "name", StageInWords(static_cast<trust::v1::Stage>(stage)));
    SetWhole(bar, "count", counts[static_cast<trust::v1::Stage>(stage)]);
  }
  return JsonLine(data);
}

}  // namespace trustctl
