#include "tests/benchmark/disk_flush.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "services/trustctl/stopwatch.h"

namespace benchmark {

absl::StatusOr<Latencies> MeasureDiskFlush(const std::string& directory, absl::Duration time) {
  const auto refused = [](absl::string_view what) {
    return absl::UnknownError(absl::StrCat("cannot ", what, " the file of the disk measurement: ", strerror(errno)));
  };
  const std::string path = absl::StrCat(directory, "/disk-flush");
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return refused("open");
  unlink(path.c_str());  // Gone with the process, whatever happens.
  std::array<char, kFlushBytes> bytes{};
  Latencies latencies;
  absl::StatusOr<Latencies> outcome = Latencies();
  for (const trustctl::Stopwatch watch; watch.Elapsed() < time;) {
    const absl::Duration start = watch.Elapsed();
    if (write(file, bytes.data(), bytes.size()) != kFlushBytes || fdatasync(file) != 0) {
      outcome = refused("write");
      break;
    }
    latencies.Add(watch.Elapsed() - start);
  }
  close(file);
  if (!outcome.ok()) return outcome;
  return latencies;
}

}  // namespace benchmark
