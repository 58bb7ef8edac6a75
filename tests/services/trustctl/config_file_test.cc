#include "services/trustctl/config_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string>& SomeNames() {
  static const auto* const kNames = new std::vector<std::string>{"server", "ca", "color"};
  return *kNames;
}

std::string ConfigFault(const std::string& text) {
  const auto settings = ParseConfig(text, "trustctl.conf", SomeNames());
  if (settings.ok()) return "accepted";
  EXPECT_EQ(ExitCodeOf(settings.status()), ExitCode::kUsage);
  return std::string(settings.status().message());
}

TEST(ConfigFileTest, ALineIsASettingAndOthersAreCommentsOrEmpty) {
  const auto settings =
      ParseConfig("# mine\n\n  server=trust.example.com:443\r\n\tca = my keys/a=b.pem # all of it\n", "f", SomeNames());
  ASSERT_TRUE(settings.ok()) << settings.status();
  ASSERT_EQ(settings->size(), 2);
  EXPECT_EQ(settings->at("server").value, "trust.example.com:443");
  EXPECT_EQ(settings->at("server").number, 3);
  EXPECT_EQ(settings->at("ca").value, "my keys/a=b.pem # all of it");
  EXPECT_EQ(settings->at("ca").number, 4);
  EXPECT_TRUE(ParseConfig("", "f", SomeNames())->empty());
}

TEST(ConfigFileTest, AnUnknownNameSaysWhereAndWhatWouldBeRight) {
  EXPECT_EQ(ConfigFault("# x\nsevrer = h:1"),
            "trustctl.conf:2: there is no setting \"sevrer\"; did you mean server?\nThe names are: server, ca, color.");
  EXPECT_EQ(ConfigFault("json = yes"),
            "trustctl.conf:1: there is no setting \"json\"\nThe names are: server, ca, color.");
}

TEST(ConfigFileTest, ALineThatIsNoSettingSaysWhere) {
  EXPECT_EQ(ConfigFault("server = h:1\n\nca ca.pem\n"),
            "trustctl.conf:3: \"ca ca.pem\" is no setting; write NAME = VALUE. The names are: server, ca, color.");
  EXPECT_THAT(ConfigFault("server =  "), HasSubstr("trustctl.conf:1: server wants a value"));
  EXPECT_EQ(ConfigFault("server = a:1\ncolor = never\nserver = b:1"),
            "trustctl.conf:3: server was set in line 1 already; keep one of the two");
}

}  // namespace
}  // namespace trustctl
