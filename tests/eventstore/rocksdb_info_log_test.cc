#include "eventstore/rocksdb_info_log.h"

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class RocksDbInfoLogTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_.store()); }

  std::string Content(const std::string& name) {
    std::string content;
    EXPECT_TRUE(rocksdb::ReadFileToString(env_, absl::StrCat(directory_.store(), "/", name), &content).ok());
    return content;
  }

  TempDirectory directory_;
  rocksdb::Env* const env_ = rocksdb::Env::Default();
};

TEST_F(RocksDbInfoLogTest, ALineHasItsTimeAndEndsWhereItEnds) {
  RocksDbInfoLog log(directory_.store(), 1 << 20, rocksdb::InfoLogLevel::INFO_LEVEL, env_);
  rocksdb::Info(&log, "%s %d", "flushed", 7);
  EXPECT_THAT(Content("LOG"), HasSubstr("Z "));
  EXPECT_THAT(Content("LOG"), EndsWith("flushed 7\n"));
  rocksdb::Info(&log, "%s", std::string(100'000, 'x').c_str());
  EXPECT_LT(log.GetLogFileSize(), 20'000);
}

TEST_F(RocksDbInfoLogTest, TwoFilesAreKeptEachWithinItsBound) {
  constexpr size_t kBytesMax = 1000;
  RocksDbInfoLog log(directory_.store(), kBytesMax, rocksdb::InfoLogLevel::INFO_LEVEL, env_);
  for (int i = 0; i < 100; ++i) rocksdb::Info(&log, "line %d", i);
  EXPECT_THAT(Content("LOG"), EndsWith("line 99\n"));
  EXPECT_LE(Content("LOG").size(), kBytesMax);
  EXPECT_LE(Content("LOG.old").size(), kBytesMax);
  EXPECT_GT(Content("LOG.old").size(), kBytesMax / 2);
}

TEST_F(RocksDbInfoLogTest, WhereNothingCanBeWrittenLinesAreLostAndNothingElse) {
  RocksDbInfoLog log(absl::StrCat(directory_.store(), "/nowhere"), 100, rocksdb::InfoLogLevel::INFO_LEVEL, env_);
  for (int i = 0; i < 10; ++i) rocksdb::Info(&log, "line %d", i);
  EXPECT_EQ(log.GetLogFileSize(), 0);
}

}  // namespace
}  // namespace eventstore
