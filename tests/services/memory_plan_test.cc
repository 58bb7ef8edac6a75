#include "services/memory_plan.h"

#include "gtest/gtest.h"

namespace services {
namespace {

constexpr size_t kMib = size_t{1} << 20;

size_t Sum(const MemoryPlan& plan) { return plan.store_bytes + plan.readings_bytes + plan.states_bytes; }

TEST(MemoryPlanTest, TheCachesLeaveRoomForTheProgram) {
  for (const size_t total : {kMemoryBytesMin, kMemoryBytesDefault, 4096 * kMib}) {
    EXPECT_LE(Sum(PlanMemory(total)), total - 160 * kMib);
  }
}

TEST(MemoryPlanTest, TheSmallestStillRunsAStore) { EXPECT_GE(PlanMemory(kMemoryBytesMin).store_bytes, 32 * kMib); }

TEST(MemoryPlanTest, MoreMemoryIsMoreOfEachPart) {
  const MemoryPlan small = PlanMemory(kMemoryBytesDefault);
  const MemoryPlan large = PlanMemory(2 * kMemoryBytesDefault);
  EXPECT_GT(large.store_bytes, 2 * small.store_bytes);
  EXPECT_GT(large.readings_bytes, 2 * small.readings_bytes);
  EXPECT_GT(large.states_bytes, 2 * small.states_bytes);
}

}  // namespace
}  // namespace services
