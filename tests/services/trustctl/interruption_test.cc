#include "services/trustctl/interruption.h"

#include <unistd.h>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace trustctl {
namespace {

TEST(InterruptionTest, ASignalStopsInOrderAndEndsNoProgram) {
  for (const int signal : {SIGINT, SIGTERM}) {
    absl::Notification stopped;
    Interruption interruption([&] { stopped.Notify(); });
    EXPECT_FALSE(interruption.came());
    EXPECT_FALSE(interruption.WaitFor(absl::ZeroDuration()));
    ASSERT_EQ(kill(getpid(), signal), 0);
    EXPECT_TRUE(interruption.WaitFor(absl::Seconds(60)));
    EXPECT_TRUE(interruption.came());
    stopped.WaitForNotification();
    // A second one changes nothing.
    ASSERT_EQ(kill(getpid(), signal), 0);
  }
}

TEST(InterruptionTest, WithoutASignalItEndsByItself) {
  bool stopped = false;
  {
    Interruption interruption([&] { stopped = true; });
  }
  EXPECT_FALSE(stopped);
}

}  // namespace
}  // namespace trustctl
