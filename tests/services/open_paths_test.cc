#include "services/open_paths.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "tests/eventstore/temp_directory.h"

namespace services {
namespace {

using Guard = GuardedPath::Guard;

class OpenPathsTest : public testing::Test {
 protected:
  // What is said of a directory, or a file, of these rights.
  std::string Told(Guard guard, mode_t mode) {
    const std::string path = directory_.path() + (guard == Guard::kFile ? "/file" : "/directory");
    if (guard == Guard::kFile) {
      std::ofstream(path) << "content";
    } else {
      mkdir(path.c_str(), S_IRWXU);
    }
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return Told({"some_flag", path, guard});
  }

  static std::string Told(const GuardedPath& guarded) {
    std::string told;
    for (const LogFields& fields : FindOpenPaths({guarded})) told += LogLine({}, LogLevel::kWarning, "open", fields);
    return told;
  }

  eventstore::TempDirectory directory_;
};

TEST_F(OpenPathsTest, OfWhatIsTheOwnersAloneNothingIsSaid) {
  EXPECT_EQ(Told(Guard::kDirectory, 0700), "");
  EXPECT_EQ(Told(Guard::kDirectory, 0711), "") << "who may pass through reads nothing";
  EXPECT_EQ(Told(Guard::kKeys, 0700), "");
  EXPECT_EQ(Told(Guard::kFile, 0600), "");
  EXPECT_EQ(Told(Guard::kFile, 0644), "") << "others may read who may do what";
  EXPECT_EQ(Told({"some_flag", directory_.path() + "/file", Guard::kDirectory}), "")
      << "the server says that by itself";
  EXPECT_EQ(Told({"some_flag", "", Guard::kDirectory}), "");
  EXPECT_EQ(Told({"some_flag", directory_.path() + "/missing", Guard::kDirectory}), "");
}

TEST_F(OpenPathsTest, WhoCanDoWhatIsToldWithTheCommandThatMendsIt) {
  const std::string directory = directory_.path() + "/directory", file = directory_.path() + "/file";
  for (const auto& [guard, mode, parts] : std::vector<std::tuple<Guard, mode_t, std::vector<std::string>>>{
           {Guard::kDirectory,
            0755,
            {"its group and everybody can read it", "0755", "--some_flag", "chmod -R go-rwx " + directory}},
           {Guard::kDirectory, 0740, {"its group can read it"}},
           {Guard::kDirectory, 0702, {"everybody can change it"}},
           {Guard::kDirectory, 02770, {"its group can read and change it", "2770"}},
           {Guard::kKeys, 0704, {"may know keys of personal data"}},
           {Guard::kFile, 0664, {"its group can change it", "chmod go-w " + file}}}) {
    const std::string told = Told(guard, mode);
    for (const std::string& part : parts) EXPECT_NE(told.find(part), std::string::npos) << part << " in " << told;
  }
}

}  // namespace
}  // namespace services
