#include "eventstore/rocksdb_info_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace eventstore {
namespace {

constexpr size_t kLineBytesMax = 16 << 10;

}  // namespace

RocksDbInfoLog::RocksDbInfoLog(const std::string& directory, size_t bytes_max, rocksdb::InfoLogLevel level,
                               rocksdb::Env* env)
    : Logger(level), path_(absl::StrCat(directory, "/LOG")), bytes_max_(bytes_max), env_(env) {
  const std::lock_guard<std::mutex> lock(mutex_);
  BeginFileLocked();
}

RocksDbInfoLog::~RocksDbInfoLog() {
  if (file_ >= 0) close(file_);
}

void RocksDbInfoLog::BeginFileLocked() {
  if (file_ >= 0) close(file_);
  // Without either the lines are lost, and nothing else.
  static_cast<void>(rename(path_.c_str(), absl::StrCat(path_, ".old").c_str()));
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  bytes_ = 0;
}

void RocksDbInfoLog::Logv(const char* format, va_list arguments) {
  std::string line = absl::StrCat(absl::FormatTime(
      "%Y-%m-%dT%H:%M:%E6SZ ", absl::FromUnixMicros(static_cast<int64_t>(env_->NowMicros())), absl::UTCTimeZone()));
  const size_t begin = line.size();
  line.resize(begin + kLineBytesMax);
  const int length = std::vsnprintf(line.data() + begin, kLineBytesMax, format, arguments);
  line.resize(begin + std::min(static_cast<size_t>(std::max(length, 0)), kLineBytesMax - 1));
  if (line.back() != '\n') line.push_back('\n');
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bytes_ + line.size() > bytes_max_) BeginFileLocked();
  const ssize_t written = file_ < 0 ? -1 : write(file_, line.data(), line.size());
  if (written > 0) bytes_ += static_cast<size_t>(written);
}

size_t RocksDbInfoLog::GetLogFileSize() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace eventstore
