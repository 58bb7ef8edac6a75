#include "services/trustctl/status_verb.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/methods.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using Health = grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kHealthPatience = absl::Seconds(10);
constexpr absl::Duration kClockBehindMax = absl::Seconds(1);  // Clocks are corrected by less all the time.
constexpr absl::Duration kExpirySoon = absl::Hours(14 * 24);
constexpr char kEndOfDays[] = "9999-12-31";  // The place of a time that has not come is the end of the log.

struct ServerStatus {
  Health::ServingStatus health = Health::UNKNOWN;
  std::map<std::string, Health::ServingStatus> services;
  absl::StatusOr<trust::v1::ResolveTimeResponse> place;
  absl::StatusOr<trust::v1::GetCheckpointResponse> checkpoint;
  absl::StatusOr<trust::v1::GetPolicyResponse> policy;
  absl::StatusOr<trust::v1::ListAttentionResponse> attention;
  absl::StatusOr<trust::v1::GetServerStatusResponse> placed;
};

std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  for (const google::protobuf::MethodDescriptor* const method : AllMethods()) {
    const std::string& name = method->service()->full_name();
    if (method->file()->package() == "trust.v1" && (names.empty() || names.back() != name)) names.push_back(name);
  }
  return names;
}

// Health must be told; what else is refused stands in its place. Errors: as for every call.
absl::StatusOr<ServerStatus> Ask(Connection& connection) {
  ServerStatus status;
  const auto health = connection.CheckHealth(kHealthPatience);
  if (!health.ok()) return health.status();
  status.health = health->status();
  for (const std::string& service : ServiceNames()) {
    const auto of_service = connection.CheckHealth(kHealthPatience, service);
    status.services[service] = of_service.ok() ? of_service->status() : Health::SERVICE_UNKNOWN;
  }
  trust::v1::ResolveTimeRequest time;
  time.set_date(kEndOfDays);
  status.place = connection.ResolveTime(time);
  status.checkpoint = connection.GetCheckpoint(trust::v1::GetCheckpointRequest());
  status.policy = connection.GetPolicy(trust::v1::GetPolicyRequest());
  trust::v1::ListAttentionRequest attention;
  attention.set_page_size(1);
  status.attention = connection.ListAttention(attention);
  status.placed = connection.GetServerStatus(trust::v1::GetServerStatusRequest());
  return status;
}

Cell HealthCell(Health::ServingStatus health) {
  return Cell(Health::ServingStatus_Name(health), health == Health::SERVING ? Style::kGood : Style::kBad);
}

// Why a line is missing, in one line.
Cell RefusalCell(const absl::Status& status) {
  const std::string reason = ReasonOf(WireStatusOf(status));
  if (reason == "SIGNING_KEY_MISSING") return Cell("not signed: trustd has no --signing_key_file", Style::kWarning);
  if (absl::IsUnimplemented(status)) return Cell("not told by a server as old as this one", Style::kFaint);
  if (absl::IsPermissionDenied(status)) return Cell("not yours to see", Style::kFaint);
  const std::vector<std::string> lines = absl::StrSplit(Describe(status), '\n');
  return Cell(lines.front(), Style::kWarning);
}

Cell PlaceCell(const trust::v1::ResolveTimeResponse& place) {
  if (!place.has_record_time()) return Cell("nothing is recorded yet");
  return Cell(absl::StrCat("last recorded ", FormatTime(place.record_time(), trust::v1::TIME_PRECISION_INSTANT),
                           ", at position ", place.log_position()));
}

Cell CheckpointCell(const trust::v1::GetCheckpointResponse& checkpoint) {
  const std::vector<std::string> lines = absl::StrSplit(checkpoint.checkpoint(), '\n');
  return Cell(absl::StrCat(Count(checkpoint.size(), "record"), " signed as ", lines.front(), ", root ",
                           absl::Base64Escape(checkpoint.root())));
}

Cell PolicyCell(const trust::v1::Policy& policy) {
  return Cell(absl::StrCat(
      policy.version(), " (", policy.sha256().substr(0, 12), ")",
      policy.has_activate_time()
          ? absl::StrCat(", in force since ", FormatTime(policy.activate_time(), trust::v1::TIME_PRECISION_INSTANT),
                         ", approved by ", policy.approver())
          : ", which trustd comes with"));
}

Cell AttentionCell(const trust::v1::ListAttentionResponse& attention) {
  if (attention.items().empty()) return Cell("nothing needs care");
  const trust::v1::AttentionItem& first = attention.items(0);
  return Cell(absl::StrCat("first: ", first.date(), " ", first.partnership(), ", ", InWords(first.kind()),
                           "; trustctl attention lists all"),
              Style::kWarning);
}

int64_t Mib(int64_t bytes) { return bytes / (1 << 20); }

Cell DiskCell(const trust::v1::GetServerStatusResponse& placed) {
  const std::string free =
      absl::StrCat(Mib(placed.disk_free_byte_count()), " MiB free; ", Mib(placed.disk_reserve_byte_count()),
                   " MiB are kept free (--disk_reserve_mib)");
  if (!placed.storage_full()) return Cell(free);
  return Cell(absl::StrCat("FULL: ", free,
                           ". Commands are refused (STORAGE_FULL), reads go on. Make room on the disk of "
                           "--data_directory or grow it; commands are taken again by themselves."),
              Style::kBad);
}

// What is wrong with the clock, or with the files that say who is who, or will be soon; nothing else has a line.
void AddWarnings(const trust::v1::GetServerStatusResponse& placed, Table& table) {
  const absl::Time now = absl::FromUnixSeconds(placed.clock_time().seconds());
  const absl::Duration behind =
      absl::Seconds(placed.clock_behind().seconds()) + absl::Nanoseconds(placed.clock_behind().nanos());
  if (behind > kClockBehindMax) {
    table.Add({"clock", Cell(absl::StrCat(absl::FormatDuration(absl::Trunc(behind, absl::Seconds(1))),
                                          " behind what was recorded; set it right on the server"),
                             Style::kBad)});
  }
  for (const trust::v1::IdentityFilesStatus& files : placed.identity_files()) {
    if (!files.taken()) {
      table.Add({files.files(),
                 Cell("not taken: what the files held before counts; the server's log says why", Style::kBad)});
    }
    if (!files.has_expire_time()) continue;
    const absl::Time expires = absl::FromUnixSeconds(files.expire_time().seconds());
    if (expires - now > kExpirySoon) continue;
    table.Add({files.files(), Cell(absl::StrCat(expires < now ? "ended " : "ends ",
                                                FormatTime(files.expire_time(), trust::v1::TIME_PRECISION_INSTANT),
                                                "; put renewed files in their place, which needs no restart"),
                                   expires < now ? Style::kBad : Style::kWarning)});
  }
}

void PrintStatus(const ServerStatus& status, const std::string& server, const Console& console) {
  Table table({{"what"}, {.heading = "how it is", .wraps = true}});
  table.Add({"server", server});
  table.Add({"health", HealthCell(status.health)});
  for (const auto& [service, health] : status.services) table.Add({service, HealthCell(health)});
  table.Add({"log", status.place.ok() ? PlaceCell(*status.place) : RefusalCell(status.place.status())});
  table.Add({"checkpoint",
             status.checkpoint.ok() ? CheckpointCell(*status.checkpoint) : RefusalCell(status.checkpoint.status())});
  table.Add({"policy", status.policy.ok() ? PolicyCell(status.policy->policy()) : RefusalCell(status.policy.status())});
  table.Add(
      {"attention", status.attention.ok() ? AttentionCell(*status.attention) : RefusalCell(status.attention.status())});
  table.Add({"disk", status.placed.ok() ? DiskCell(*status.placed) : RefusalCell(status.placed.status())});
  if (status.placed.ok()) AddWarnings(*status.placed, table);
  table.Print(console);
}

template <typename Answer>
std::string Member(absl::string_view name, const absl::StatusOr<Answer>& answer) {
  if (answer.ok()) return absl::StrCat("\"", name, "\":", JsonOf(*answer));
  return absl::StrCat("\"", name, "\":{\"error\":", JsonOf(WireStatusOf(answer.status())), "}");
}

void PrintStatusJson(const ServerStatus& status, const Console& console) {
  std::vector<std::string> services;
  for (const auto& [service, health] : status.services) {
    services.push_back(absl::StrCat("\"", service, "\":\"", Health::ServingStatus_Name(health), "\""));
  }
  const absl::StatusOr<trust::v1::Policy> policy =
      status.policy.ok() ? absl::StatusOr<trust::v1::Policy>(status.policy->policy()) : status.policy.status();
  console.out << "{\"health\":\"" << Health::ServingStatus_Name(status.health) << "\",\"services\":{"
              << absl::StrJoin(services, ",") << "},"
              << absl::StrJoin(
                     {Member("log", status.place), Member("checkpoint", status.checkpoint), Member("policy", policy),
                      Member("attention", status.attention), Member("server", status.placed)},
                     ",")
              << "}\n";
}

absl::Status RunStatus(const Invocation& /*invocation*/, Session& session) {
  const absl::StatusOr<ServerStatus> status = Ask(session.connection);
  if (!status.ok()) return status.status();
  if (session.console.json) {
    PrintStatusJson(*status, session.console);
  } else {
    PrintStatus(*status, session.connection.server(), session.console);
  }
  bool serving = status->health == Health::SERVING;
  for (const auto& [service, health] : status->services) serving = serving && health == Health::SERVING;
  if (!serving) return absl::UnavailableError("the server is up and not serving; its log says why");
  if (status->placed.ok() && status->placed->storage_full()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the server refuses commands: its disk has ", Mib(status->placed->disk_free_byte_count()), " MiB free, and ",
        Mib(status->placed->disk_reserve_byte_count()), " MiB are kept free (--disk_reserve_mib)"));
  }
  return absl::OkStatus();
}

}  // namespace

Verb StatusVerb() {
  Verb verb;
  verb.syntax.name = "status";
  verb.syntax.summary = "how the server is, on one page";
  verb.syntax.description =
      "Shows whether the server and each of its services are serving, when something was last recorded and at which "
      "position of the log, the newest signed checkpoint, the policy in force, what needs care first, and the room on "
      "the server's disk; also its clock where that is behind, and its certificates, authorities, revocations, "
      "permissions and token keys where they end within 14 days, or where what their files hold was not taken. A line "
      "that the caller may not see says so. The exit code is 0 when everything is serving, 1 when something is not, or "
      "when commands are refused because the disk is full, and 3 when no server answers.\n\n"
      "With --json one object is printed: health, services, and the answers of ResolveTime (log), GetCheckpoint "
      "(checkpoint), GetPolicy (policy), ListAttention (attention) and GetServerStatus (server), or an error in the "
      "place of one.";
  verb.syntax.examples = {"trustctl status", "trustctl status --json --server trust.example.com:443 --ca ca.pem"};
  verb.run = RunStatus;
  return verb;
}

}  // namespace trustctl
