#include "services/trustctl/settings.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

// A home with a configuration file in it, and an environment that is told.
class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string pattern =
        ::testing::TempDir() + "trustctl-settings-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    home_ = pattern;
    std::filesystem::remove_all(home_);
    std::filesystem::create_directories(home_ / ".config/trustctl");
    environment_["HOME"] = home_.string();
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  void Write(const std::string& name, const std::string& text) const { std::ofstream(home_ / name) << text; }

  absl::StatusOr<Settings> Read(const std::map<std::string, std::string>& flags) const {
    Invocation invocation;
    invocation.flags = flags;
    return ReadSettings(invocation, [&](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::string() : found->second;
    });
  }

  std::string Fault(const std::map<std::string, std::string>& flags) const {
    const auto settings = Read(flags);
    if (settings.ok()) return "accepted";
    EXPECT_EQ(ExitCodeOf(settings.status()), ExitCode::kUsage);
    return std::string(settings.status().message());
  }

  std::filesystem::path home_;
  std::map<std::string, std::string> environment_;
};

TEST_F(SettingsTest, WithoutAnythingThereAreDefaults) {
  const auto settings = Read({});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->server, "127.0.0.1:50051");
  EXPECT_EQ(settings->deadline, absl::Seconds(30));
  EXPECT_EQ(settings->color, "auto");
  EXPECT_EQ(settings->credentials.authorities, "");
}

TEST_F(SettingsTest, AFlagCountsBeforeTheEnvironmentAndThatBeforeTheFile) {
  Write(".config/trustctl/config", "server = file:1\ndeadline = 2m\nreader = of-file\npurpose = audit 2026\n");
  EXPECT_EQ(Read({})->server, "file:1");
  EXPECT_EQ(Read({})->deadline, absl::Minutes(2));
  EXPECT_EQ(Read({})->reader.purpose, "audit 2026");
  environment_["TRUSTCTL_SERVER"] = "environment:1";
  EXPECT_EQ(Read({})->server, "environment:1");
  EXPECT_EQ(Read({{"server", "flag:1"}})->server, "flag:1");
  EXPECT_EQ(Read({{"server", "flag:1"}})->reader.id, "of-file");
}

TEST_F(SettingsTest, TheFileIsTheOneThatAFlagOrElseTheEnvironmentNames) {
  Write("a", "server = a:1\n");
  Write("b", "server = b:1\n");
  Write(".config/trustctl/config", "server = c:1\n");
  environment_["TRUSTCTL_CONFIG"] = (home_ / "b").string();
  EXPECT_EQ(Read({{"config", (home_ / "a").string()}})->server, "a:1");
  EXPECT_EQ(Read({})->server, "b:1");
  environment_["TRUSTCTL_CONFIG"] = "";
  std::filesystem::create_directories(home_ / "xdg/trustctl");
  Write("xdg/trustctl/config", "server = d:1\n");
  EXPECT_EQ(Read({})->server, "c:1");
  environment_["XDG_CONFIG_HOME"] = (home_ / "xdg").string();
  EXPECT_EQ(Read({})->server, "d:1");
  EXPECT_THAT(Fault({{"config", "missing/x"}}), HasSubstr("--config wants a file of lines NAME = VALUE: missing/x"));
}

TEST_F(SettingsTest, FilesNamedInTheFileStandBesideIt) {
  Write(".config/trustctl/config", "ca = ca.pem\ntoken = secrets/token\nserver = trust.example.com:443\n");
  Write(".config/trustctl/ca.pem", "an authority");
  EXPECT_THAT(Fault({}), HasSubstr(".config/trustctl/config:2: token wants a file: " + home_.string() +
                                   "/.config/trustctl/secrets/token cannot be read or is empty"));
  std::filesystem::create_directories(home_ / ".config/trustctl/secrets");
  Write(".config/trustctl/secrets/token", "a token\n");
  const auto settings = Read({});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->credentials.authorities, "an authority");
  EXPECT_EQ(settings->credentials.token, "a token");
}

TEST_F(SettingsTest, AMistakeSaysWhereItStands) {
  Write(".config/trustctl/config", "# mine\ndeadline = 30\n");
  EXPECT_THAT(Fault({}), HasSubstr(".config/trustctl/config:2: deadline wants a time with its unit"));
  EXPECT_EQ(Fault({{"deadline", "30"}}), "--deadline wants a time with its unit, such as 500ms, 30s or 2m, not \"30\"");
  Write(".config/trustctl/config", "");
  environment_["TRUSTCTL_SERVER"] = "nowhere";
  EXPECT_THAT(Fault({}), HasSubstr("TRUSTCTL_SERVER wants HOST:PORT"));
  EXPECT_THAT(Fault({{"server", "here"}}), HasSubstr("--server wants HOST:PORT"));
  environment_["TRUSTCTL_SERVER"] = "";
  Write(".config/trustctl/config", "\nserver = a:1 # office\n");
  EXPECT_THAT(Fault({}), HasSubstr(".config/trustctl/config:2: server wants HOST:PORT, such as 127.0.0.1:50051, not "
                                   "\"a:1 # office\"; a comment has a line of its own"));
  EXPECT_THAT(Fault({{"server", "h:1"}, {"color", "blue"}}), HasSubstr("--color wants auto, always or never"));
  EXPECT_THAT(Fault({{"server", "h:1"}, {"token", "eyJhbGciOi"}}), HasSubstr("wants the name of a file, not what is"));
}

TEST_F(SettingsTest, ATokenGoesInPlainTextToThisVeryMachineAlone) {
  Write("token", "a token\n");
  const std::string token = (home_ / "token").string();
  EXPECT_TRUE(Read({{"server", "127.0.0.1:1"}, {"token", token}}).ok());
  EXPECT_THAT(Fault({{"server", "127.evil.example:1"}, {"token", token}}), HasSubstr("--token needs --ca"));
}

TEST_F(SettingsTest, AFileThatIsThereAndCannotBeReadIsAMistake) {
  // A folder in its place; what is closed by its mode is no different, but open to root.
  std::filesystem::create_directories(home_ / ".config/trustctl/config");
  EXPECT_THAT(Fault({}), HasSubstr(".config/trustctl/config, the configuration file, cannot be read"));
  EXPECT_TRUE(Read({{"config", "/dev/null"}}).ok());
  std::filesystem::remove(home_ / ".config/trustctl/config");
  std::filesystem::create_symlink("config", home_ / ".config/trustctl/config");
  EXPECT_THAT(Fault({}), HasSubstr("--config FILE names another"));
  environment_["HOME"] = "/dev/null";
  EXPECT_TRUE(Read({}).ok()) << "there is no such folder, and so no such file";
}

TEST_F(SettingsTest, WithoutAServerOnlyAFlagCanBeWrong) {
  Write(".config/trustctl/config", "server = nowhere\n");
  environment_["TRUSTCTL_CA"] = "missing.pem";
  const auto offline = [&](const std::map<std::string, std::string>& flags) {
    Invocation invocation;
    invocation.flags = flags;
    return ReadSettingsOffline(invocation, [&](const std::string& name) { return environment_[name]; });
  };
  EXPECT_FALSE(Read({}).ok());
  EXPECT_TRUE(offline({}).ok()) << offline({}).status();
  EXPECT_TRUE(offline({{"config", "missing"}}).ok());
  EXPECT_EQ(offline({{"color", "always"}})->color, "always");
  EXPECT_EQ(ExitCodeOf(offline({{"color", "blue"}}).status()), ExitCode::kUsage);
  Write(".config/trustctl/config", "color = never\n");
  environment_["TRUSTCTL_CA"] = "";
  EXPECT_EQ(offline({})->color, "never");
}

TEST_F(SettingsTest, NoColorCountsBeforeTheFile) {
  Write(".config/trustctl/config", "color = always\n");
  EXPECT_EQ(Read({})->color, "always");
  environment_["NO_COLOR"] = "1";
  EXPECT_EQ(Read({})->color, "auto");
  EXPECT_EQ(Read({{"color", "always"}})->color, "always");
}

TEST_F(SettingsTest, EachIsAFlagOfEveryVerb) {
  for (const SettingName& setting : SettingNames()) {
    EXPECT_NE(FindFlag(GlobalFlags(), setting.name), nullptr) << setting.name;
  }
}

}  // namespace
}  // namespace trustctl
