// How the memory of the whole process is shared out between its caches. Pure.

#ifndef SERVICES_MEMORY_PLAN_H_
#define SERVICES_MEMORY_PLAN_H_

#include <cstddef>

namespace services {

// What trustd --memory_mib is by default, and at least.
inline constexpr size_t kMemoryBytesDefault = size_t{512} << 20;
inline constexpr size_t kMemoryBytesMin = size_t{256} << 20;

struct MemoryPlan {
  size_t store_bytes;     // Block cache and write buffers.
  size_t readings_bytes;  // Folded histories.
  size_t states_bytes;    // Decision states.
};

// The parts of what the process may hold resident under the load of callers who mean well. What is left is for the
// program itself, for calls and batches under way, and for what the allocator keeps besides what was asked of it.
// total_bytes: at least kMemoryBytesMin.
MemoryPlan PlanMemory(size_t total_bytes);

}  // namespace services

#endif  // SERVICES_MEMORY_PLAN_H_
