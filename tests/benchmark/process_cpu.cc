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

absl::Duration ProcessCpu(int process) {
  std::ifstream file(process == 0 ? "/proc/self/stat" : absl::StrCat("/proc/", process, "/stat"));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
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
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

}  // namespace benchmark
