#include "eventstore/watermark.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/durable_file.h"
#include "gtest/gtest.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {
namespace {

Watermark MarkOf(uint64_t size, absl::string_view root = "root") {
  return {{"log.example.com", size, Sha256(absl::StrCat(root, size))}, absl::FromUnixMicros(1'700'000'000'123'456)};
}

class WatermarkTest : public testing::Test {
 protected:
  WatermarkFile OpenOrDie() {
    absl::StatusOr<WatermarkFile> file = WatermarkFile::Open(directory_.path() + "/watermark");
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  TempDirectory directory_;
};

TEST_F(WatermarkTest, IsReadAgainAsItWasWritten) {
  WatermarkFile file = OpenOrDie();
  EXPECT_FALSE(file.exists());
  EXPECT_FALSE(file.Newest().has_value());
  ASSERT_TRUE(file.Add(MarkOf(3)).ok());
  ASSERT_TRUE(file.Add({{"", 7, Sha256("x")}, absl::FromUnixMicros(5)}).ok());
  const WatermarkFile again = OpenOrDie();
  EXPECT_TRUE(again.exists());
  ASSERT_EQ(again.marks().size(), 2u);
  EXPECT_EQ(again.marks()[0].checkpoint, MarkOf(3).checkpoint);
  EXPECT_EQ(again.marks()[0].time, MarkOf(3).time);
  EXPECT_EQ(again.marks()[1].checkpoint, (Checkpoint{"", 7, Sha256("x")}));
}

TEST_F(WatermarkTest, KeepsTheLastMarks) {
  WatermarkFile file = OpenOrDie();
  for (uint64_t size = 1; size <= 40; ++size) ASSERT_TRUE(file.Add(MarkOf(size)).ok());
  const WatermarkFile again = OpenOrDie();
  ASSERT_EQ(again.marks().size(), WatermarkFile::kMarksKept);
  EXPECT_EQ(again.marks().front().checkpoint.size, 25u);
  EXPECT_EQ(again.Newest()->checkpoint.size, 40u);
}

TEST_F(WatermarkTest, NeverTakesASecondRootForASizeNorASmallerSize) {
  WatermarkFile file = OpenOrDie();
  ASSERT_TRUE(file.Add(MarkOf(5)).ok());
  EXPECT_TRUE(file.Add(MarkOf(5)).ok());
  EXPECT_EQ(file.marks().size(), 1u);
  EXPECT_EQ(file.Add(MarkOf(5, "another")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(file.Add(MarkOf(4)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenOrDie().marks().size(), 1u);
}

TEST_F(WatermarkTest, MarksThatGoBackAreDamage) {
  WatermarkFile file = OpenOrDie();
  ASSERT_TRUE(file.Add(MarkOf(3)).ok());
  ASSERT_TRUE(file.Add(MarkOf(7)).ok());
  std::string text = *ReadWholeFile(file.path());
  const size_t first = text.find("\n3 ") + 1, second = text.find("\n7 ") + 1, end = text.find("sha256 ");
  text = absl::StrCat(text.substr(0, first), text.substr(second, end - second), text.substr(first, second - first));
  ASSERT_TRUE(ReplaceDurableFile(file.path(), absl::StrCat(text, "sha256 ", Sha256Hex(text), "\n")).ok());
  EXPECT_EQ(WatermarkFile::Open(directory_.path() + "/watermark").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(WatermarkTest, MoreMarksThanAreKeptAreDamage) {
  WatermarkFile file = OpenOrDie();
  for (uint64_t size = 1; size <= WatermarkFile::kMarksKept; ++size) ASSERT_TRUE(file.Add(MarkOf(size)).ok());
  EXPECT_EQ(OpenOrDie().marks().size(), WatermarkFile::kMarksKept);
  std::string text = *ReadWholeFile(file.path());
  text.erase(text.find("sha256 "));
  const size_t last = text.rfind('\n', text.size() - 2) + 1;
  absl::StrAppend(&text, text.substr(last));
  ASSERT_TRUE(ReplaceDurableFile(file.path(), absl::StrCat(text, "sha256 ", Sha256Hex(text), "\n")).ok());
  EXPECT_EQ(WatermarkFile::Open(directory_.path() + "/watermark").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(WatermarkTest, AMarkThatIsWrittenInAnotherWayIsDamage) {
  WatermarkFile file = OpenOrDie();
  ASSERT_TRUE(file.Add(MarkOf(3)).ok());
  const std::string written = *ReadWholeFile(file.path());
  for (const auto& [from, to] : {std::pair("\n3 ", "\n03 "), std::pair("123456Z", "1234561Z")}) {
    std::string text = written.substr(0, written.find("sha256 "));
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), strlen(from), to);
    ASSERT_TRUE(ReplaceDurableFile(file.path(), absl::StrCat(text, "sha256 ", Sha256Hex(text), "\n")).ok());
    EXPECT_EQ(WatermarkFile::Open(directory_.path() + "/watermark").status().code(), absl::StatusCode::kDataLoss) << to;
  }
}

TEST_F(WatermarkTest, EveryChangedByteIsNoticed) {
  WatermarkFile file = OpenOrDie();
  ASSERT_TRUE(file.Add(MarkOf(5)).ok());
  ASSERT_TRUE(file.Add(MarkOf(9)).ok());
  const std::string whole = ReadWholeFile(file.path()).value_or("");
  ASSERT_FALSE(whole.empty());
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    ASSERT_TRUE(ReplaceDurableFile(file.path(), changed).ok());
    EXPECT_EQ(WatermarkFile::Open(directory_.path() + "/watermark").status().code(), absl::StatusCode::kDataLoss) << i;
    ASSERT_TRUE(ReplaceDurableFile(file.path(), whole.substr(0, i)).ok());
    EXPECT_EQ(WatermarkFile::Open(directory_.path() + "/watermark").status().code(), absl::StatusCode::kDataLoss) << i;
  }
}

TEST_F(WatermarkTest, AMarkThatCannotBeWrittenDoesNotCount) {
  WatermarkFile file = OpenOrDie();
  ASSERT_TRUE(file.Add(MarkOf(5)).ok());
  ASSERT_EQ(unlink(file.path().c_str()), 0);
  ASSERT_EQ(rmdir(DirectoryOf(file.path()).c_str()), 0);
  EXPECT_EQ(file.Add(MarkOf(6)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(file.Newest()->checkpoint.size, 5u);
}

TEST_F(WatermarkTest, OldMarksAreKeptAside) {
  WatermarkFile file = OpenOrDie();
  EXPECT_EQ(file.SetAside().value_or("?"), "");
  ASSERT_TRUE(file.Add(MarkOf(5)).ok());
  const std::string content = ReadWholeFile(file.path()).value_or("");
  const auto first = file.SetAside();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReadWholeFile(*first).value_or(""), content);
  EXPECT_FALSE(file.exists());
  ASSERT_TRUE(file.Add(MarkOf(2)).ok());
  const auto second = file.SetAside();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(*first, *second);
}

TEST(DurableFileTest, NamesTheDirectoryOfAPath) {
  EXPECT_EQ(DirectoryOf("a"), ".");
  EXPECT_EQ(DirectoryOf("a/"), ".");
  EXPECT_EQ(DirectoryOf("a/b"), "a");
  EXPECT_EQ(DirectoryOf("a//b/"), "a");
  EXPECT_EQ(DirectoryOf("/a"), "/");
  EXPECT_EQ(DirectoryOf("/"), "/");
  EXPECT_EQ(DirectoryOf("/srv/b"), "/srv");
}

TEST(DurableFileTest, ANewFileIsNeverPutInThePlaceOfAnother) {
  TempDirectory directory;
  const std::string path = directory.path() + "/file";
  ASSERT_TRUE(CreateDurableFile(path, "one", 0600).ok());
  EXPECT_EQ(CreateDurableFile(path, "two", 0600).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadWholeFile(path).value_or(""), "one");
  ASSERT_TRUE(ReplaceDurableFile(path, "three").ok());
  EXPECT_EQ(ReadWholeFile(path).value_or(""), "three");
  EXPECT_EQ(CreateDurableFile(directory.path() + "/none" + "/file", "", 0600).code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace eventstore
