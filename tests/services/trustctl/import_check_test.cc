#include "services/trustctl/import_check.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/import_line.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

constexpr char kGood[] = R"({"partnership":"klm-northwest","externalId":"e1","occurTime":"1993-01-20T00:00:00Z",)"
                         R"("evidence":{"actor":"klm","affected":["northwest"],"sharedExperienceHeld":{}}})";

class ImportCheckTest : public ::testing::Test {
 protected:
  ImportCheckTest() : spool_(*ImportSpool::Create()), check_(&spool_) {
    std::string name = ::testing::TempDir() + "trustctl_XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~ImportCheckTest() override {
    for (const std::string& path : paths_) std::remove(path.c_str());
    rmdir(directory_.c_str());
  }

  // Checks a file of that name and content.
  void Check(const std::string& name, const std::string& content) {
    paths_.push_back(directory_ + "/" + name);
    std::ofstream(paths_.back(), std::ios::binary) << content;
    CheckPath(paths_.back());
  }
  void CheckPath(const std::string& path) {
    const absl::Status status = check_.CheckFile(path, [](int64_t) {});
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Verdict() const {
    // Without the directory, whose name differs from run to run.
    std::string text(check_.Verdict().message());
    for (size_t at; (at = text.find(directory_ + "/")) != std::string::npos;) text.erase(at, directory_.size() + 1);
    return text;
  }
  SpooledItem Next() {
    SpooledItem item;
    const auto taken = spool_.Next(&item);
    EXPECT_TRUE(taken.ok() && *taken);
    return item;
  }

  std::string directory_;
  std::vector<std::string> paths_;
  ImportSpool spool_;
  ImportCheck check_;
};

TEST_F(ImportCheckTest, ItemsKeepTheirPlacesAndCommentsAndBlankLinesAreSkipped) {
  Check("a.jsonl", absl::StrCat("\xEF\xBB\xBF# KLM and Northwest\n\n", kGood, "\r\n   \n  # more\n", kGood, "\n"));
  Check("b.jsonl", kGood);  // Without a line feed at the end.
  Check("c.jsonl", "");
  EXPECT_EQ(Verdict(), "");
  ASSERT_EQ(spool_.size(), 3);
  ASSERT_TRUE(spool_.Rewind().ok());
  for (const auto& [file, line] : std::vector<std::pair<int, int64_t>>{{0, 3}, {0, 6}, {1, 1}}) {
    const SpooledItem item = Next();
    EXPECT_EQ(item.file, file);
    EXPECT_EQ(item.line, line);
    EXPECT_EQ(item.item.external_id(), "e1");
  }
  SpooledItem item;
  EXPECT_FALSE(*spool_.Next(&item));
}

TEST_F(ImportCheckTest, ALineCutInHalfIsNamed) {
  Check("a.jsonl", absl::StrCat(kGood, "\n", std::string(kGood).substr(0, 60)));
  EXPECT_THAT(Verdict(), HasSubstr("nothing was imported: 1 fault in the files\n  a.jsonl:2: "));
  EXPECT_THAT(Verdict(), HasSubstr("The text ends too early; it may have been cut."));
}

TEST_F(ImportCheckTest, EveryCutOfALineIsFound) {
  const std::string good = kGood;
  for (size_t length = 1; length < good.size(); ++length) {
    EXPECT_FALSE(ParseImportLine(good.substr(0, length)).ok()) << length;
  }
  EXPECT_TRUE(ParseImportLine(good).ok());
}

TEST_F(ImportCheckTest, AllFaultsOfAllFilesAreListed) {
  Check("a.jsonl", absl::StrCat(kGood, "\nhello\n", kGood, "\n[1]\n"));
  Check("b.jsonl", R"({"partnrship":"x"})");
  CheckPath(directory_ + "/missing.jsonl");
  CheckPath(directory_);
  EXPECT_EQ(Verdict(),
            "nothing was imported: 5 faults in the files\n"
            "  a.jsonl:2: Unexpected token. At: hello\n"
            "  a.jsonl:4: Root element must be a message.\n"
            "  b.jsonl:1: partnrship: Cannot find field.\n"
            "  missing.jsonl: cannot be read: No such file or directory\n"
            "  " +
                directory_ + ": is a directory, not a file");
}

TEST_F(ImportCheckTest, OfManyFaultsTheFirstAreListed) {
  std::string content;
  for (int i = 0; i < 1025; ++i) content += "x\n";
  Check("a.jsonl", content);
  EXPECT_THAT(Verdict(), HasSubstr("1,025 faults"));
  EXPECT_THAT(Verdict(), HasSubstr("  a.jsonl:20: "));
  EXPECT_THAT(Verdict(), ::testing::EndsWith("\n+1,005 more"));
}

TEST_F(ImportCheckTest, AnUnknownValueIsAnsweredWithThoseThatAreRight) {
  const auto item = ParseImportLine(R"({"evidence":{"materiality":"HUGE"}})");
  EXPECT_EQ(item.status().message(),
            "(evidence.materiality): invalid value \"HUGE\"; right are: MATERIALITY_LOW, MATERIALITY_MEDIUM, "
            "MATERIALITY_HIGH, MATERIALITY_CRITICAL");
}

TEST_F(ImportCheckTest, TwoBodiesAreRefused) {
  EXPECT_THAT(std::string(ParseImportLine(R"({"evidence":{},"milestone":{}})").status().message()),
              HasSubstr("oneof field 'body' is already set. Cannot set 'milestone'"));
}

TEST_F(ImportCheckTest, TextThatIsNoUtf8IsRefused) {
  EXPECT_FALSE(ParseImportLine("{\"partnership\":\"a\xFF\"}").ok());
}

TEST_F(ImportCheckTest, AnItemOrALineThatIsTooLongIsRefused) {
  const auto item = ParseImportLine(absl::StrCat(R"({"citation":")", std::string(kImportItemBytesMax, 'x'), "\"}"));
  EXPECT_THAT(std::string(item.status().message()), HasSubstr("at most 512,000 can be sent"));
  Check("a.jsonl", absl::StrCat(kGood, "\n", std::string(kImportLineBytesMax + 1'000'000, 'x')));
  EXPECT_THAT(Verdict(), HasSubstr("a.jsonl:2: The line is longer than 4,194,304 bytes."));
}

TEST_F(ImportCheckTest, LinesAcrossTheBufferAreWhole) {
  std::string content;
  for (int i = 0; i < 20000; ++i) absl::StrAppend(&content, R"({"externalId":"e)", i, "\"}\n");
  Check("a.jsonl", content);
  ASSERT_EQ(Verdict(), "");
  ASSERT_TRUE(spool_.Rewind().ok());
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(Next().item.external_id(), absl::StrCat("e", i));
}

}  // namespace
}  // namespace trustctl
