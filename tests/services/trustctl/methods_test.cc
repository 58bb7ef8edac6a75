#include "services/trustctl/methods.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl::methods_test {
namespace {

std::string Found(const std::string& name) {
  const auto method = FindMethod(name);
  if (method.ok()) return (*method)->full_name();
  EXPECT_EQ(ExitCodeOf(method.status()), ExitCode::kUsage);
  return std::string(method.status().message());
}

TEST(MethodsTest, AMethodIsFoundByItsNameAlone) {
  std::set<std::string> names;
  for (const auto* const method : AllMethods()) {
    EXPECT_TRUE(names.insert(method->name()).second) << method->name() << " is in two services";
    EXPECT_EQ(Found(method->name()), method->full_name());
  }
  EXPECT_GT(names.size(), 40u);
  EXPECT_EQ(names.count("Check"), 1u);
  EXPECT_EQ(names.count("ActivatePolicy"), 1u);
}

TEST(MethodsTest, TheServiceMayStandBefore) {
  for (const char* const name : {"TrustService.AssessTrust", "TrustService/AssessTrust",
                                 "trust.v1.TrustService/AssessTrust", "trust.v1.TrustService.AssessTrust"}) {
    EXPECT_EQ(Found(name), "trust.v1.TrustService.AssessTrust");
  }
}

TEST(MethodsTest, AMistakeIsAnsweredWithWhatComesNear) {
  EXPECT_EQ(Found("AssesTrust"),
            "there is no method AssesTrust; did you mean AssessTrust? trustctl call lists all of them");
  EXPECT_EQ(Found("assesstrust"), "there is no method assesstrust; did you mean AssessTrust?");
  EXPECT_EQ(Found("Zzz"), "there is no method Zzz; trustctl call lists all of them");
  EXPECT_EQ(Found("HistoryService.AssessTrust"),
            "there is no method HistoryService.AssessTrust; trustctl call lists all of them");
  EXPECT_EQ(Found(""), "there is no method ; trustctl call lists all of them");
}

}  // namespace
}  // namespace trustctl::methods_test
