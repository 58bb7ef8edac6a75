#include "services/trustctl/copy_progress.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

namespace trustctl {
namespace {

TEST(CopyProgressTest, TheBytesInADirectoryAreThoseOfAllItsFiles) {
  const std::filesystem::path directory = ::testing::TempDir() + "trustctl-copied-bytes";
  std::filesystem::remove_all(directory);
  EXPECT_EQ(BytesIn(directory.string()), 0);
  std::filesystem::create_directories(directory / "below");
  std::ofstream(directory / "a") << "12345";
  std::ofstream(directory / "below/b") << "678";
  EXPECT_EQ(BytesIn(directory.string()), 8);
  std::filesystem::remove_all(directory);
}

TEST(CopyProgressTest, ShortWorkAndNoTerminalLeaveNoTrace) {
  for (const bool terminal : {false, true}) {
    std::ostringstream out, err;
    const Console console{out, err, false, false, 0, terminal};
    { const CopyProgress progress(console, "copying", ".", 10); }
    EXPECT_EQ(out.str() + err.str(), "");
  }
}

}  // namespace
}  // namespace trustctl
