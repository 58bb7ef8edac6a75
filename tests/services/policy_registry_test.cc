#include "services/policy_registry.h"

#include <string>

#include "absl/strings/escaping.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "tests/projections/trust_log.h"
#include "tests/support/stored_log.h"

namespace services {
namespace {

TEST(PolicyRegistryTest, APublishedPolicyNeverTakesTheLabelOfTheOneTheProgramComesWith) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  support::StoredLog log(&store, {&policies});
  // As an older program took it in, that came with another.
  trust::v1::PolicyDocument document = projections::Policy::Default()->document();
  document.set_loss_permille(2500);
  const std::string sha256 =
      absl::BytesToHexString(log.Publish(projections::CanonicalText(document), projections::DayOn("2020-01-01")));
  ASSERT_NE(sha256, policies.built_in()->sha256);
  EXPECT_EQ(*policies.Find(document.version()), policies.built_in());
  const auto published = policies.Find(sha256);
  ASSERT_TRUE(published.ok());
  const auto compiled = policies.Compile(**published);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  EXPECT_EQ(policies.Sha256Of(**compiled), sha256);
  EXPECT_EQ(policies.Sha256Of(*projections::Policy::Default()), policies.built_in()->sha256);
  EXPECT_EQ(policies.Sha256Of(projections::Policy(document)), sha256) << "by its content";
  document.set_loss_permille(2600);
  EXPECT_EQ(policies.Sha256Of(projections::Policy(document)), "") << "nobody published it";
}

}  // namespace
}  // namespace services
