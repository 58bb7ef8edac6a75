#include "services/store_fault.h"

#include "absl/strings/str_cat.h"
#include "services/clock.h"
#include "services/domain/refusal.h"
#include "services/log.h"

namespace services {
namespace {

constexpr char kMakeRoom[] =
    "make room on that disk or grow it: --disk_reserve_mib says how many MiB are kept free; no restart is needed";
constexpr int kFullRetryMs = 10'000;
constexpr int kNotReadyRetryMs = 1'000;

void LogFault(const absl::Status& status, absl::string_view what, LogLimit* limit) {
  const std::string code = absl::StatusCodeToString(status.code());
  const std::optional<uint64_t> left_out = limit == nullptr ? 0 : limit->Admit(code);
  if (!left_out.has_value()) return;
  LogFields fields = {{"code", code}, {"detail", std::string(status.message())}};
  if (absl::IsResourceExhausted(status)) fields.emplace_back("remedy", kMakeRoom);
  if (*left_out > 0) fields.emplace_back("left_out", absl::StrCat(*left_out));
  Log(LogLevel::kError, what, fields);
}

// Of the process, as standard error is: a read may fail in functions that know neither the server nor a clock.
LogLimit& ReadLimit() {
  static const SystemClock clock;
  static LogLimit limit({}, &clock);
  return limit;
}

}  // namespace

absl::Status WriteFault(const absl::Status& status, LogLimit* limit) {
  LogFault(status, "a write to the store failed", limit);
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_STORAGE_FULL,
                           "the disk is full, or as full as --disk_reserve_mib lets it be; nothing was stored; repeat "
                           "when there is room",
                           {}, kFullRetryMs);
    case absl::StatusCode::kUnknown:
      return domain::Fault(
          absl::StatusCode::kUnknown, trust::v1::ERROR_REASON_OUTCOME_UNKNOWN,
          "the write failed on its way to the disk and may or may not be stored; repeat it with the same "
          "request_id to learn which");
    case absl::StatusCode::kFailedPrecondition:
      return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_NOT_READY,
                           "the store stopped after a failed write and is being opened again; nothing was stored", {},
                           kNotReadyRetryMs);
    case absl::StatusCode::kDataLoss:
      return ReadFault(status);
    default:
      return domain::Fault(absl::StatusCode::kInternal, trust::v1::ERROR_REASON_INTERNAL,
                           "the server could not store this, through a fault of its own; nothing was stored");
  }
}

absl::Status ReadFault(const absl::Status& status, LogLimit* limit) {
  LogFault(status, "a read from the store failed", limit == nullptr ? &ReadLimit() : limit);
  if (status.code() == absl::StatusCode::kDataLoss) {
    return domain::Fault(absl::StatusCode::kDataLoss, trust::v1::ERROR_REASON_LOG_DAMAGED,
                         "stored bytes are wrong, so no answer can be built on them; tell the operator");
  }
  return domain::Fault(absl::StatusCode::kInternal, trust::v1::ERROR_REASON_INTERNAL,
                       "the server could not read its store, through a fault of its own");
}

}  // namespace services
