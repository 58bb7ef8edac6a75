#include "tests/benchmark/process_cpu.h"

#include <unistd.h>

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

absl::Duration OfTicks(int64_t ticks) { return absl::Seconds(ticks) / sysconf(_SC_CLK_TCK); }

}  // namespace

absl::Duration ProcessCpu(int process) {
  const std::string text = TextOf(process == 0 ? "/proc/self/stat" : absl::StrCat("/proc/", process, "/stat"));
  // Fields are counted behind the name, which stands in parentheses and may hold anything; see proc(5).
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return absl::ZeroDuration();
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
  constexpr size_t kUserTicks = 11;
  constexpr size_t kSystemTicks = 12;
  int64_t user = 0;
  int64_t system = 0;
  if (fields.size() <= kSystemTicks || !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system)) {
    return absl::ZeroDuration();
  }
  return OfTicks(user + system);
}

absl::Duration MachineCpu() {
  // The first line: "cpu", then ticks: user, nice, system, idle, iowait, irq, softirq, steal, and two that others
  // contain.
  const std::string text = TextOf("/proc/stat");
  const std::vector<std::string> fields = absl::StrSplit(text.substr(0, text.find('\n')), ' ', absl::SkipEmpty());
  constexpr size_t kFirst = 1;
  constexpr size_t kIdle = 4;
  constexpr size_t kWaiting = 5;
  constexpr size_t kEnd = 9;
  int64_t sum = 0;
  for (size_t i = kFirst; i < kEnd && i < fields.size(); ++i) {
    int64_t ticks = 0;
    if (i != kIdle && i != kWaiting && absl::SimpleAtoi(fields[i], &ticks)) sum += ticks;
  }
  return OfTicks(sum);
}

}  // namespace benchmark
