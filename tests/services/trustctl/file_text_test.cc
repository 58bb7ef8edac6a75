#include "services/trustctl/file_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trustctl::file_text_test {
namespace {

using ::testing::HasSubstr;

class FileTextTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        ::testing::TempDir() + "trustctl-file-text-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  static mode_t ModeOf(const std::string& path) {
    struct stat there {};
    EXPECT_EQ(lstat(path.c_str(), &there), 0) << path;
    return there.st_mode;
  }

  int64_t FileCount() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::filesystem::path folder_;
};

TEST_F(FileTextTest, ANewFileIsForItsOwnerAlone) {
  const mode_t mask = umask(0);
  EXPECT_TRUE(WriteText(Path("page"), "all of it").ok());
  umask(mask);
  EXPECT_EQ(*ReadText(Path("page")), "all of it");
  EXPECT_EQ(ModeOf(Path("page")) & 0777, 0600U);
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTextTest, AFileThatWasThereIsReplacedAndKeepsItsMode) {
  for (const mode_t mode : {0644U, 0600U, 0640U}) {
    std::ofstream(Path("page")) << "what was there before, and longer";
    ASSERT_EQ(chmod(Path("page").c_str(), mode), 0);
    EXPECT_TRUE(WriteText(Path("page"), "new").ok());
    EXPECT_EQ(*ReadText(Path("page")), "new");
    EXPECT_EQ(ModeOf(Path("page")) & 0777, mode);
  }
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTextTest, ALinkStaysAndWhatItLeadsToIsWritten) {
  std::filesystem::create_directories(folder_ / "elsewhere");
  std::ofstream(Path("elsewhere/page")) << "old";
  std::filesystem::create_symlink("elsewhere/page", folder_ / "link");
  std::filesystem::create_symlink("link", folder_ / "link-to-it");
  EXPECT_TRUE(WriteText(Path("link-to-it"), "new").ok());
  EXPECT_TRUE(S_ISLNK(ModeOf(Path("link-to-it"))));
  EXPECT_TRUE(S_ISLNK(ModeOf(Path("link"))));
  EXPECT_EQ(*ReadText(Path("elsewhere/page")), "new");
  // Also when nothing is there yet.
  std::filesystem::create_symlink(Path("elsewhere/fresh"), folder_ / "dangling");
  EXPECT_TRUE(WriteText(Path("dangling"), "first").ok());
  EXPECT_TRUE(S_ISLNK(ModeOf(Path("dangling"))));
  EXPECT_EQ(*ReadText(Path("elsewhere/fresh")), "first");
}

TEST_F(FileTextTest, WhatIsNoRegularFileIsWrittenTo) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  const int reader = open(Path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  EXPECT_TRUE(WriteText(Path("pipe"), "through it").ok());
  char text[16] = {};
  EXPECT_EQ(read(reader, text, sizeof(text)), 10);
  close(reader);
  EXPECT_STREQ(text, "through it");
  EXPECT_TRUE(S_ISFIFO(ModeOf(Path("pipe"))));
  EXPECT_TRUE(WriteText("/dev/null", "nothing").ok());
  EXPECT_TRUE(S_ISCHR(ModeOf("/dev/null")));
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTextTest, NoNameBesideItCanBeForeseen) {
  // A link that somebody else put where a temporary file might be.
  std::ofstream(Path("precious")) << "kept";
  std::filesystem::create_symlink("precious", folder_ / "page.part");
  EXPECT_TRUE(WriteText(Path("page"), "new").ok());
  EXPECT_EQ(*ReadText(Path("precious")), "kept");
  EXPECT_TRUE(S_ISLNK(ModeOf(Path("page.part"))));
}

TEST_F(FileTextTest, WhatCannotBeWrittenIsNamedAndLeavesNothing) {
  EXPECT_THAT(std::string(WriteText(Path("missing/page"), "x").message()),
              HasSubstr(Path("missing/page") + " cannot be written"));
  std::filesystem::create_directories(folder_ / "folder");
  EXPECT_THAT(std::string(WriteText(Path("folder"), "x").message()), HasSubstr(Path("folder") + " cannot be written"));
  std::filesystem::create_symlink("round", folder_ / "round");
  EXPECT_FALSE(WriteText(Path("round"), "x").ok());
  EXPECT_FALSE(WriteText("/dev/full", "x").ok());
  EXPECT_EQ(FileCount(), 2);
}

}  // namespace
}  // namespace trustctl::file_text_test
