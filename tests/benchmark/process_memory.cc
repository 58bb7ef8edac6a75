#include "tests/benchmark/process_memory.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace benchmark {

int64_t PeakMemoryMib(int process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/status"));
  for (std::string word; file >> word;) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && file >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

}  // namespace benchmark
