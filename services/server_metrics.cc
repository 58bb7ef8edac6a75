#include "services/server_metrics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/time/time.h"
#include "services/process_usage.h"

namespace services {
namespace {

using Type = MetricFamily::Type;
using Families = std::vector<MetricFamily>;

constexpr double kNanosecondsPerSecond = 1e9;

MetricFamily& Add(Families& families, const char* name, Type type, const char* help) {
  MetricFamily& family = families.emplace_back();
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

void AddGauge(Families& families, const char* name, double value, const char* help) {
  Add(families, name, Type::kGauge, help).samples.push_back({{}, value, {}});
}

void AddCounter(Families& families, const char* name, double value, const char* help) {
  Add(families, name, Type::kCounter, help).samples.push_back({{}, value, {}});
}

double Number(uint64_t value) { return static_cast<double>(value); }

double SecondsOf(absl::Time time) { return static_cast<double>(absl::ToUnixMillis(time)) / 1000; }

void AddReasons(Families& families, const char* name, const ReasonCounts& reasons, const char* help) {
  MetricFamily& family = Add(families, name, Type::kCounter, help);
  for (const auto& [reason, count] : reasons.Read())
    family.samples.push_back({{{"reason", reason}}, Number(count), {}});
}

void AddProgram(const MetricSources& sources, Families& families) {
  Add(families, "trustd_build_info", Type::kGauge, "1; the version of the program stands in the label.")
      .samples.push_back({{{"version", sources.version}}, 1, {}});
  AddGauge(families, "trustd_serving", sources.serving->load() ? 1 : 0,
           "1 while the server says SERVING; 0 at its start, at its end, and once a write came to an unknown end.");
}

void AddCalls(const MetricSources& sources, Families& families) {
  const std::vector<rpc::MethodReading> methods = sources.calls->Methods();
  MetricFamily started{"trustd_rpc_started_total", "Calls that reached their method.", Type::kCounter, 1, {}};
  MetricFamily handled{"trustd_rpc_handled_total", "Calls that were answered, by status code.", Type::kCounter, 1, {}};
  MetricFamily seconds{"trustd_rpc_seconds",
                       "Duration of calls with one request and one answer.",
                       Type::kHistogram,
                       kNanosecondsPerSecond,
                       {}};
  for (const rpc::MethodReading& reading : methods) {
    const std::vector<std::pair<std::string, std::string>> labels = {{"service", reading.service},
                                                                     {"method", reading.method}};
    started.samples.push_back({labels, Number(reading.started), {}});
    for (size_t code = 0; code < reading.handled.size(); ++code) {
      if (code != 0 && reading.handled[code] == 0) continue;
      std::vector<std::pair<std::string, std::string>> with_code = labels;
      with_code.emplace_back("code", rpc::CodeName(static_cast<grpc::StatusCode>(code)));
      handled.samples.push_back({std::move(with_code), Number(reading.handled[code]), {}});
    }
    // Not of the many methods that nobody called, nor of streams.
    const bool timed = std::any_of(reading.duration.counts.begin(), reading.duration.counts.end(),
                                   [](uint64_t count) { return count > 0; });
    if (timed) seconds.samples.push_back({labels, 0, reading.duration});
  }
  for (MetricFamily* family : {&started, &handled, &seconds}) families.push_back(std::move(*family));
  AddReasons(families, "trustd_rpc_errors_total", sources.calls->reasons(),
             "Errors that were answered, by the reason that they tell.");
  MetricFamily& refusals = Add(families, "trustd_caller_refusals_total", Type::kCounter,
                               "Callers that were refused for who they are: in the handshake for their certificate, "
                               "because nothing says who calls, or for what they may not.");
  constexpr std::array<std::pair<rpc::CallerRefusal, const char*>, rpc::kCallerRefusals> kRefusals = {
      {{rpc::CallerRefusal::kCertificate, "certificate"},
       {rpc::CallerRefusal::kUnknown, "unknown"},
       {rpc::CallerRefusal::kNotPermitted, "not_permitted"}}};
  for (const auto& [refusal, word] : kRefusals) {
    refusals.samples.push_back({{{"reason", word}}, Number(sources.calls->refused(refusal)), {}});
  }
  AddCounter(families, "trustd_connections_refused_total", Number(sources.acceptor->refused()),
             "Connections that were closed at once, because there were too many.");
  AddGauge(families, "trustd_reads_waiting", Number(sources.pool->waiting()), "Reads that wait for a thread.");
  AddGauge(families, "trustd_reads_waiting_max", Number(sources.pool->waiting_max()),
           "As many may; beyond it reads are OVERLOADED.");
}

void AddLane(const CommandLane& lane, Families& families) {
  AddGauge(families, "trustd_lane_commands_waiting", Number(lane.waiting()),
           "Commands that were taken in and not yet answered.");
  AddGauge(families, "trustd_lane_commands_waiting_max", Number(lane.config().commands_waiting_max),
           "As many may; beyond it commands are OVERLOADED.");
  MetricFamily& batches = Add(families, "trustd_lane_batch_commands", Type::kHistogram, "Commands of one append.");
  batches.samples.push_back({{}, 0, lane.meters().batch_commands.Read()});
  MetricFamily& commits = Add(families, "trustd_lane_commit_seconds", Type::kHistogram,
                              "How long an append took until it was durable on the disk.");
  commits.unit = kNanosecondsPerSecond;
  commits.samples.push_back({{}, 0, lane.meters().commit_ns.Read()});
  AddCounter(families, "trustd_lane_events_total", Number(lane.meters().events.value()),
             "Events that became durable since the start.");
  AddReasons(families, "trustd_lane_commands_refused_total", lane.meters().refused,
             "Commands that were refused undecided, or that could not be stored, by reason.");
}

void AddStore(const eventstore::EventStore& store, const Clock& clock, Families& families) {
  const eventstore::StoreCondition condition = store.Condition();
  AddGauge(families, "trustd_log_events", Number(store.LogSize()), "Events in the log.");
  AddGauge(families, "trustd_clock_behind_seconds",
           std::max(0.0, absl::ToDoubleSeconds(store.LatestRecordTime() - clock.Now())),
           "By how much the machine's clock is behind the latest time of recording, which events get until it has "
           "caught up.");
  AddGauge(families, "trustd_store_table_bytes", Number(condition.table_bytes), "The store's files on the disk.");
  AddGauge(families, "trustd_store_memtable_bytes", Number(condition.memtable_bytes),
           "What the store holds in memory and has not yet written to such files.");
  AddGauge(families, "trustd_store_block_cache_bytes", Number(condition.block_cache_bytes),
           "What the store holds in memory of its files.");
  AddGauge(families, "trustd_store_compaction_pending_bytes", Number(condition.compaction_pending_bytes),
           "What the store has yet to merge; an estimate.");
  AddCounter(families, "trustd_store_stalls_total", Number(condition.stalls),
             "How often the store slowed down or stopped writes, because merging could not keep up.");
  AddGauge(families, "trustd_store_write_stopped", condition.write_stopped ? 1 : 0, "1 while the store stops writes.");
  AddCounter(families, "trustd_store_background_errors_total", Number(condition.background_errors),
             "Errors of the store's own work in the background.");
  AddGauge(families, "trustd_store_disk_free_bytes", Number(condition.disk_free_bytes),
           "Free space of the store's disk.");
  AddGauge(families, "trustd_store_disk_reserve_bytes", Number(condition.disk_reserve_bytes),
           "Free space below which commands are refused with STORAGE_FULL.");
}

void AddReadings(const MetricSources& sources, Families& families) {
  AddCounter(families, "trustd_readings_hits_total", Number(sources.readings->hits()),
             "Readings that found their history in memory.");
  AddCounter(families, "trustd_readings_misses_total", Number(sources.readings->misses()),
             "Readings that had to fold their history first, from a snapshot or from its events.");
  MetricFamily& bytes = Add(families, "trustd_cache_bytes", Type::kGauge,
                            "What a cache holds: folded histories, or the states that commands are decided on.");
  bytes.samples.push_back({{{"cache", "readings"}}, Number(sources.readings->budget().bytes()), {}});
  bytes.samples.push_back({{{"cache", "states"}}, Number(sources.lane->state_bytes()), {}});
  MetricFamily& bytes_max = Add(families, "trustd_cache_max_bytes", Type::kGauge,
                                "What it may hold, and one large history or state besides.");
  bytes_max.samples.push_back({{{"cache", "readings"}}, Number(sources.readings->budget().bytes_max()), {}});
  bytes_max.samples.push_back({{{"cache", "states"}}, Number(sources.lane->config().state_cache_bytes_max), {}});
  const Snapshots::Counts counts = sources.snapshots->counts();
  MetricFamily& snapshots = Add(families, "trustd_snapshots_total", Type::kCounter,
                                "Snapshots of histories: taken up, refused because they were damaged or of another "
                                "log, and kept.");
  snapshots.samples.push_back({{{"outcome", "restored"}}, static_cast<double>(counts.restored), {}});
  snapshots.samples.push_back({{{"outcome", "refused"}}, static_cast<double>(counts.refused), {}});
  snapshots.samples.push_back({{{"outcome", "kept"}}, static_cast<double>(counts.kept), {}});
}

void AddFollowers(const MetricSources& sources, Families& families) {
  const StandingIndex::State index = sources.index->state();
  const uint64_t log_size = sources.store->LogSize();
  AddGauge(families, "trustd_index_ready", index.ready ? 1 : 0,
           "0 while the standing index is made anew, and lists and new watches of trust are refused.");
  AddGauge(families, "trustd_index_lag_positions", Number(log_size - std::min(index.position, log_size)),
           "Events that the standing index has not taken in yet.");
  AddGauge(families, "trustd_index_rebuild_done_partnerships", Number(index.done),
           "While it is made anew: partnerships that were read.");
  AddGauge(families, "trustd_index_rebuild_all_partnerships", Number(index.total), "Those that there are to read.");
  AddGauge(families, "trustd_watches", Number(sources.watches->watch_count()),
           "Watches of trust and of events, and lists that wait.");
  AddGauge(families, "trustd_watches_max", Number(sources.watches->watches_max()),
           "As many may be; beyond it they are OVERLOADED.");
  const FollowerPlaces::Lag lag = sources.followers->Behind(log_size);
  AddGauge(families, "trustd_event_followers", Number(lag.followers), "Watches of events.");
  AddGauge(families, "trustd_event_followers_lag_positions_max", Number(lag.positions_max),
           "How many events the last of them has not taken yet.");
}

void AddProofs(const MetricSources& sources, Families& families) {
  const Checkpointer::Made newest = sources.checkpointer->Newest();
  const uint64_t log_size = sources.store->LogSize();
  const uint64_t covered = newest == nullptr ? 0 : newest->checkpoint.size;
  AddGauge(families, "trustd_checkpoint_events", Number(covered), "Events that the newest checkpoint covers.");
  AddGauge(families, "trustd_checkpoint_lag_positions", Number(log_size - std::min(covered, log_size)),
           "Events that it does not cover yet.");
  AddGauge(families, "trustd_checkpoint_timestamp_seconds", newest == nullptr ? 0 : SecondsOf(newest->made),
           "When it was made; none is made while the log does not grow.");
  const Backups::Record backups = sources.backups->record();
  AddGauge(families, "trustd_backup_configured", backups.configured ? 1 : 0, "1 where the server makes backups.");
  AddGauge(families, "trustd_backup_running", backups.running ? 1 : 0, "1 while one is being made.");
  AddCounter(families, "trustd_backups_made_total", Number(backups.made), "Backups that were made since the start.");
  AddCounter(families, "trustd_backups_failed_total", Number(backups.failed), "Those that failed.");
  AddGauge(families, "trustd_backup_timestamp_seconds", backups.newest.has_value() ? SecondsOf(*backups.newest) : 0,
           "When the newest backup that is there was made; 0 when there is none.");
}

void AddSpans(const SpanExport* spans, Families& families) {
  const SpanExport::Counts counts = spans == nullptr ? SpanExport::Counts() : spans->counts();
  MetricFamily& outcomes = Add(families, "trustd_spans_total", Type::kCounter,
                               "Spans of calls: sent to the collector, failed to be sent, and dropped because too many "
                               "waited.");
  outcomes.samples.push_back({{{"outcome", "sent"}}, Number(counts.sent), {}});
  outcomes.samples.push_back({{{"outcome", "failed"}}, Number(counts.failed), {}});
  outcomes.samples.push_back({{{"outcome", "dropped"}}, Number(counts.dropped), {}});
  AddGauge(families, "trustd_spans_waiting", Number(counts.waiting), "Spans that wait to be sent.");
}

void AddIdentity(const IdentityStanding& standing, Families& families) {
  MetricFamily not_taken{"trustd_identity_files_not_taken",
                         "1 while files that say who is who hold what is not right, and what they held before counts.",
                         Type::kGauge,
                         1,
                         {}};
  MetricFamily expiry{"trustd_identity_expiry_timestamp_seconds",
                      "When what counts of them ends: the server's certificate, the first of the authorities, the "
                      "first revocation list that is to be replaced.",
                      Type::kGauge,
                      1,
                      {}};
  for (const IdentityStanding::Files& files : standing.Read()) {
    not_taken.samples.push_back({{{"files", files.which}}, files.taken ? 0.0 : 1.0, {}});
    if (files.ends.has_value()) expiry.samples.push_back({{{"files", files.which}}, SecondsOf(*files.ends), {}});
  }
  families.push_back(std::move(not_taken));
  families.push_back(std::move(expiry));
}

void AddProcess(Families& families) {
  const ProcessUsage usage = ReadProcessUsage();
  AddCounter(families, "process_cpu_seconds_total", usage.cpu_seconds, "Processor time used, in seconds.");
  AddGauge(families, "process_start_time_seconds", usage.start_time_s, "When the process started, since 1970.");
  AddGauge(families, "process_resident_memory_bytes", Number(usage.resident_bytes), "Memory in use.");
  AddGauge(families, "process_virtual_memory_bytes", Number(usage.virtual_bytes), "Address space in use.");
  AddGauge(families, "process_threads", Number(usage.threads), "Threads.");
  AddGauge(families, "process_open_fds", Number(usage.open_files), "Open file descriptors.");
  AddGauge(families, "process_max_fds", Number(usage.open_files_max), "As many may be open.");
}

}  // namespace

std::vector<MetricFamily> ReadServerMetrics(const MetricSources& sources) {
  Families families;
  AddProgram(sources, families);
  AddCalls(sources, families);
  AddLane(*sources.lane, families);
  AddStore(*sources.store, *sources.clock, families);
  AddReadings(sources, families);
  AddFollowers(sources, families);
  AddProofs(sources, families);
  AddIdentity(*sources.identity, families);
  AddSpans(sources.spans, families);
  AddProcess(families);
  return families;
}

}  // namespace services
