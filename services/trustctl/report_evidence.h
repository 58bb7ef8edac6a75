// The evidence of a history as a report shows it: corrections laid over the records, what was retracted marked, which
// way the policy counts each, and what became of promises. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_EVIDENCE_H_
#define SERVICES_TRUSTCTL_REPORT_EVIDENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "trust/v1/events.pb.h"
#include "trust/v1/policy.pb.h"

namespace trustctl {

// Which way an act counts.
enum class Bearing { kNone, kFor, kAgainst, kBoth };

// Where a record comes from.
enum class Provenance { kRecorded, kImported, kSynthetic };

struct ReportedEvent {
  trust::v1::Event event;  // As corrected.
  bool retracted = false;
  std::string remark;  // "corrected by 7, confirmed by 9"; often empty.
  Bearing bearing = Bearing::kNone;
  Provenance provenance = Provenance::kRecorded;
};

// What became of a promise.
enum class Outcome { kExceeded, kOnTime, kLate, kMissed, kWaived, kOverdue, kOpen };

struct Promise {
  std::string promisor;
  std::string promisee;   // Those to whom, joined.
  std::string label;      // May be empty.
  int64_t made = 0;       // The event; 0 when the promise itself was never registered.
  std::string made_date;  // Empty without made.
  std::string due_date;   // After renegotiations; empty without one.
  int64_t renegotiations = 0;
  Outcome outcome = Outcome::kOpen;
  int64_t settled = 0;       // The event of the outcome; 0 while there is none.
  std::string settled_date;  // Its day.
  bool synthetic = false;    // Its outcome, or without one the promise, was added for illustration.
};

// The events in their order. Which way they count follows from the rows of the policy.
std::vector<ReportedEvent> ReportedEvents(const std::vector<trust::v1::Event>& events,
                                          const trust::v1::PolicyDocument& policy);

// The promises that the events tell of, by the day they were made or, without that, settled. as_of: YYYY-MM-DD, by
// which a promise without outcome is overdue.
std::vector<Promise> PromisesOf(const std::vector<ReportedEvent>& events, const std::string& as_of);

std::string OutcomeInWords(Outcome outcome);
std::string BearingInWords(Bearing bearing);
std::string ProvenanceInWords(Provenance provenance);

// The first day of the event's time, YYYY-MM-DD.
std::string DayOfEvent(const trust::v1::Event& event);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_EVIDENCE_H_
