// What the process uses of the machine, as Linux tells it in /proc. Thread-safe.

#ifndef SERVICES_PROCESS_USAGE_H_
#define SERVICES_PROCESS_USAGE_H_

#include <cstdint>

namespace services {

// Zero for what cannot be read.
struct ProcessUsage {
  double cpu_seconds = 0;
  double start_time_s = 0;  // Since 1970.
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t threads = 0;
  uint64_t open_files = 0;
  uint64_t open_files_max = 0;
};

ProcessUsage ReadProcessUsage();

}  // namespace services

#endif  // SERVICES_PROCESS_USAGE_H_
