#include "services/memory_plan.h"

namespace services {
namespace {

// The program's own pages, threads, connections, and calls and batches under way.
constexpr size_t kProgramBytes = size_t{160} << 20;

}  // namespace

MemoryPlan PlanMemory(size_t total_bytes) {
  // An eighth of the rest is what the allocator loses to sizes that it rounds up and to pages that it gives back late.
  const size_t caches = (total_bytes - kProgramBytes) / 8 * 7;
  return {caches / 20 * 10, caches / 20 * 7, caches / 20 * 3};
}

}  // namespace services
