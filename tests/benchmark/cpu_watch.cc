#include "tests/benchmark/cpu_watch.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace benchmark {
namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The sum of some fields, which are ticks; fields that are not there or not numbers count for nothing.
absl::Duration SumOf(const std::vector<std::string>& fields, const std::vector<size_t>& indices) {
  int64_t sum = 0;
  for (const size_t index : indices) {
    int64_t ticks = 0;
    if (index < fields.size() && absl::SimpleAtoi(fields[index], &ticks)) sum += ticks;
  }
  return absl::Seconds(sum) / sysconf(_SC_CLK_TCK);
}

// What all threads of a process have used so far.
absl::Duration ProcessCpu(const std::string& process) {
  const std::string text = TextOf(absl::StrCat("/proc/", process, "/stat"));
  // Fields are counted behind the name, which stands in parentheses and may hold anything; see proc(5).
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 > text.size()) return absl::ZeroDuration();
  constexpr size_t kUser = 11;
  constexpr size_t kSystem = 12;
  return SumOf(absl::StrSplit(text.substr(name_end + 2), ' '), {kUser, kSystem});
}

absl::Duration MachineCpu() {
  // The first line: "cpu", user, nice, system, idle, waiting, interrupts, soft interrupts, stolen, and two that others
  // contain.
  const std::string text = TextOf("/proc/stat");
  return SumOf(absl::StrSplit(text.substr(0, text.find('\n')), ' ', absl::SkipEmpty()), {1, 2, 3, 6, 7, 8});
}

CpuUse UseSoFar(int server_process) {
  CpuUse use;
  use.server = server_process == 0 ? absl::ZeroDuration() : ProcessCpu(absl::StrCat(server_process));
  use.client = ProcessCpu("self");
  use.others = MachineCpu() - use.server - use.client;
  return use;
}

}  // namespace

absl::Duration ThreadCpu() {
  rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

CpuWatch::CpuWatch(int server_process) : server_process_(server_process), start_(UseSoFar(server_process)) {}

CpuUse CpuWatch::Elapsed() const {
  const CpuUse now = UseSoFar(server_process_);
  return {now.server - start_.server, now.client - start_.client,
          std::max(now.others - start_.others, absl::ZeroDuration())};
}

}  // namespace benchmark
