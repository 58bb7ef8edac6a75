// What a report is made of: the server's answers about one partnership, or about all, that belong to one state of the
// history. Gathered by calls; blocks on them. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_REPORT_READING_H_
#define SERVICES_TRUSTCTL_REPORT_READING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/trustctl/connection.h"
#include "trust/v1/policy.pb.h"

namespace trustctl {

struct ReportQuestion {
  std::string partnership;
  std::string trustor, trustee;  // One direction alone; empty for all.
  std::string policy;            // That judges; empty for the one that applies.
  std::optional<google::protobuf::Timestamp> as_of, known;
};

// The readings of one day.
struct ReportSample {
  std::string date;
  std::vector<trust::v1::DirectionReading> directions;
};

struct PartnershipReport {
  // What is drawn and listed at most; the page says what it leaves out.
  static constexpr int kDirectionsMax = 12;
  static constexpr int64_t kEventsMax = 2000;

  trust::v1::Partnership partnership;
  trust::v1::AssessTrustResponse held, hindsight;  // Of the directions asked for.
  std::vector<trust::v1::Transition> held_path, hindsight_path;
  std::vector<ReportSample> samples;  // Of the held view, by day; in their directions as held has them.
  std::vector<trust::v1::ExplainTrustResponse> explanations;  // Of the first directions, in their order.
  std::vector<trust::v1::Event> events;  // The last ones that had happened and were known, as event_window.h has it.
  int64_t events_left_out = 0;
  trust::v1::PolicyDocument policy;
  bool policy_chosen = false;  // It need not be the policy that applies.
  // Absent when the report is of another day, of what was known by one, or under a chosen policy: the server tells it
  // of now alone, under the policy that applies.
  std::optional<trust::v1::ListAttentionResponse> attention;
  std::string known;                                           // As FormatDay has it; empty for everything.
  std::optional<trust::v1::GetCheckpointResponse> checkpoint;  // Absent when the server has no key to sign with.
  std::string last_date;                                       // Where the charts end.
};

struct PortfolioReport {
  // So many directions have their stages drawn over time.
  static constexpr int kPathsMax = 100;

  struct Member {
    trust::v1::Partnership partnership;
    trust::v1::AssessTrustResponse held;
    std::vector<trust::v1::Transition> path;  // Empty for one that is not drawn.
  };
  std::vector<Member> members;
  int directions_drawn = 0;
  std::optional<trust::v1::ListAttentionResponse> attention;  // Of all, in one; absent as in PartnershipReport.
  std::optional<trust::v1::GetCheckpointResponse> checkpoint;
  std::string as_of, known;
  bool policy_chosen = false;
};

// Asks for everything. What is recorded meanwhile makes it begin again, a few times. Errors: of the calls; ABORTED when
// the history did not stand still.
absl::StatusOr<PartnershipReport> ReadPartnership(Connection& connection, const ReportQuestion& question);

// The same of all partnerships; a history that grows meanwhile is as it was when it was asked for. Needs as_of,
// known and policy of the question alone.
absl::StatusOr<PortfolioReport> ReadPortfolio(Connection& connection, const ReportQuestion& question);

// The days for which the scores are read: those from first to last on which something happened, and the days before
// them, between which scores only fade, with more in between; evenly spaced when they would be too many. Dates as
// YYYY-MM-DD, ascending, each once.
std::vector<std::string> SampleDays(const std::string& first, const std::string& last,
                                    const std::vector<std::string>& happened);

// Where the charts end: at as_of; or, when nothing has happened for long, some time after the last date on which
// something did.
std::string LastDayDrawn(const std::string& first, const std::string& last_happened, const std::string& as_of);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_READING_H_
