#include "services/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"

namespace services {
namespace {

std::string WholeFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// When the machine started, in seconds since 1970.
double BootTime() {
  std::istringstream lines(WholeFile("/proc/stat"));
  std::string word;
  double seconds = 0;
  while (lines >> word) {
    if (word == "btime" && lines >> seconds) return seconds;
  }
  return 0;
}

uint64_t OpenFiles() {
  std::error_code error;
  uint64_t count = 0;
  for (auto file = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // Without the one that this looked by.
}

}  // namespace

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  // The second field is the program's name in parentheses, and may hold anything.
  const std::string text = WholeFile("/proc/self/stat");
  const size_t name_end = text.rfind(')');
  if (name_end != std::string::npos) {
    std::istringstream rest(text.substr(name_end + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
    const auto field = [&fields](size_t number) {  // As proc(5) counts them, from 3 on.
      uint64_t value = 0;
      return number - 3 < fields.size() && absl::SimpleAtoi(fields[number - 3], &value) ? value : 0;
    };
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    usage.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
    usage.threads = field(20);
    usage.start_time_s = BootTime() + static_cast<double>(field(22)) / ticks;
    usage.virtual_bytes = field(23);
    usage.resident_bytes = field(24) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  usage.open_files = OpenFiles();
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) usage.open_files_max = files.rlim_cur;
  return usage;
}

}  // namespace services
