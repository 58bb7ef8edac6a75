// Who may do what, without a transport. Certificates, tokens and every method's cells through a server are in
// tests/e2e/identity_test.py.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/identity/guard.h"
#include "services/identity/method_rules.h"
#include "services/identity/permissions.h"
#include "services/identity/token_keys.h"
#include "services/partner_book.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/partnership_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace services::identity_tests {
namespace {

using identity::Guard;
using identity::MethodRules;
using identity::Permissions;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::shared_ptr<const Permissions> Parsed(absl::string_view grants) {
  absl::StatusOr<std::shared_ptr<const Permissions>> parsed =
      Permissions::Parse(absl::StrCat(R"({"grants": [)", grants, "]}"));
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *parsed : nullptr;
}

std::string Refusal(absl::string_view text) { return std::string(Permissions::Parse(text).status().message()); }

TEST(MethodRulesTest, EveryMethodSaysWhoMayCallIt) {
  int methods = 0;
  for (const char* service : {"PartnershipService", "EvidenceService", "TrustService", "HistoryService",
                              "PolicyService", "AuditService", "AdminService"}) {
    const auto* const descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(absl::StrCat("trust.v1.", service));
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const std::string path = absl::StrCat("/trust.v1.", service, "/", descriptor->method(i)->name());
      const identity::MethodRule* const rule = MethodRules::Get().Find(path);
      ASSERT_NE(rule, nullptr) << path << " has no option (access)";
      EXPECT_FALSE(rule->roles.empty()) << path;
      EXPECT_FALSE(rule->everyone) << path;
      EXPECT_EQ(MethodRules::Get().PathOf(descriptor->method(i)->input_type()), path);
      ++methods;
    }
  }
  EXPECT_GE(methods, 44);
}

TEST(GuardTest, NobodyMayDoAnythingUntilSomethingIsGranted) {
  Guard guard;
  EXPECT_EQ(guard.Admit({}, "/trust.v1.TrustService/AssessTrust", kNow).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(guard.Admit({"", {"Bearer a.b.c"}}, "/grpc.health.v1.Health/Check", kNow).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(guard.Admit({"no certificate", {}}, "/grpc.health.v1.Health/Check", kNow).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(PermissionsTest, AFileThatIsWrongIsRefusedWithThePlace) {
  EXPECT_THAT(Refusal(""), HasSubstr("no JSON of the form"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("no JSON of the form"));
  EXPECT_THAT(Refusal(R"({"grants": []})"), HasSubstr("grants nothing"));
  EXPECT_THAT(Refusal(R"({"grants": [{"principals": ["a#b"], "roles": ["Reader"]}]})"),
              HasSubstr("grants[0].roles: \"Reader\" is no role; the roles are recorder, reader"));
  EXPECT_THAT(Refusal(R"({"grants": [{"principals": ["a#b", "#b"], "roles": ["reader"]}]})"),
              HasSubstr("grants[0].principals: \"#b\" is no principal"));
  EXPECT_THAT(Refusal(R"({"grants": [{"principals": ["a#b"], "roles": ["reader"], "organizations": ["A"]}]})"),
              HasSubstr("grants[0].organizations: \"A\" is no id"));
  EXPECT_THAT(Refusal(R"({"grants": [{"principals": ["a#b"], "roles": ["reader"], "until": 3}]})"),
              HasSubstr("no JSON of the form"));
  EXPECT_THAT(Refusal(std::string(5 << 20, ' ')), HasSubstr("larger than 4 MiB"));
}

TEST(PermissionsTest, APrincipalHasTheGrantsOfAllLinesThatNameIt) {
  const auto permissions = Parsed(R"({"principals": ["a#b", "a#c"], "roles": ["reader"]},
                                     {"principals": ["a#b"], "roles": ["recorder"], "partnerships": ["ours"]})");
  EXPECT_EQ(permissions->Find("a#b")->size(), 2);
  EXPECT_EQ(permissions->Find("a#c")->size(), 1);
  EXPECT_EQ(permissions->Find("a#"), nullptr);
  EXPECT_EQ(permissions->Find("a#B"), nullptr);
}

class ScopeTest : public testing::Test {
 protected:
  // Whether the grants cover a request.
  static bool Covers(absl::string_view grants, const google::protobuf::Message& request) {
    const auto permissions = Parsed(grants);
    const identity::MethodRule* const rule =
        MethodRules::Get().Find(MethodRules::Get().PathOf(request.GetDescriptor()));
    return identity::CheckScope(*permissions->Find("a#b"), *rule, request,
                                [](absl::string_view partnership, absl::string_view organization) {
                                  return partnership == "ours" && organization == "acme";
                                })
        .ok();
  }
  static trust::v1::AssessTrustRequest Question(const std::string& partnership) {
    trust::v1::AssessTrustRequest request;
    request.set_partnership(partnership);
    return request;
  }
  static constexpr char kReader[] = R"({"principals": ["a#b"], "roles": ["reader"]})";
  static constexpr char kOurs[] = R"({"principals": ["a#b"], "roles": ["reader"], "partnerships": ["ours"]})";
  static constexpr char kAcme[] =
      R"({"principals": ["a#b"], "roles": ["reader", "recorder"], "organizations": ["acme"]})";
};

TEST_F(ScopeTest, AGrantWithoutLimitsCoversEverything) {
  EXPECT_TRUE(Covers(kReader, Question("ours")));
  EXPECT_TRUE(Covers(kReader, Question("theirs")));
  EXPECT_TRUE(Covers(kReader, trust::v1::WatchTrustRequest()));
}

TEST_F(ScopeTest, ALimitedGrantCoversWhatNamesNothingButWhatItHolds) {
  EXPECT_TRUE(Covers(kOurs, Question("ours")));
  EXPECT_FALSE(Covers(kOurs, Question("theirs")));
  EXPECT_FALSE(Covers(kOurs, Question("")));
  trust::v1::WatchTrustRequest watch;
  EXPECT_FALSE(Covers(kOurs, watch));
  watch.add_partnerships("ours");
  EXPECT_TRUE(Covers(kOurs, watch));
  watch.add_partnerships("theirs");
  EXPECT_FALSE(Covers(kOurs, watch));
}

TEST_F(ScopeTest, AGrantOfAnotherRoleDoesNotWidenALimitedOne) {
  const std::string both = absl::StrCat(kOurs, R"(, {"principals": ["a#b"], "roles": ["operator"]})");
  EXPECT_FALSE(Covers(both, Question("theirs")));
  const std::string more =
      absl::StrCat(kOurs, R"(, {"principals": ["a#b"], "roles": ["auditor"], "partnerships": ["theirs"]})");
  EXPECT_TRUE(Covers(more, Question("theirs")));
}

TEST_F(ScopeTest, AnOrganizationSpeaksForItselfAlone) {
  trust::v1::RecordEvidenceRequest command;
  command.set_partnership("ours");
  EXPECT_FALSE(Covers(kAcme, command));
  command.set_recorder("globex");
  EXPECT_FALSE(Covers(kAcme, command));
  command.set_recorder("acme");
  EXPECT_TRUE(Covers(kAcme, command));
  command.set_partnership("theirs");
  EXPECT_FALSE(Covers(kAcme, command));
  trust::v1::CreatePartnershipRequest founding;
  founding.set_partnership("new");
  founding.set_recorder("acme");
  EXPECT_TRUE(Covers(kAcme, founding));
  founding.set_recorder("globex");
  EXPECT_FALSE(Covers(kAcme, founding));
}

TEST_F(ScopeTest, EveryItemOfAnImportMustBeCovered) {
  constexpr char kOurImports[] = R"({"principals": ["a#b"], "roles": ["recorder"], "partnerships": ["ours"]})";
  trust::v1::ImportHistoryRequest request;
  request.add_items()->set_partnership("ours");
  EXPECT_TRUE(Covers(kOurImports, request));
  request.add_items()->set_partnership("theirs");
  EXPECT_FALSE(Covers(kOurImports, request));
}

TEST(PartnerBookTest, KnowsWhoIsAPartnerNow) {
  PartnerBook book;
  std::vector<trust::v1::Event> events(3);
  events[0].mutable_partnership_proposed()->add_partners()->set_organization("acme");
  events[1].mutable_partner_joined()->mutable_partner()->set_organization("globex");
  events[2].mutable_partner_left()->set_organization("acme");
  book.Publish("ours", absl::MakeSpan(events).subspan(0, 2));
  EXPECT_TRUE(book.IsPartner("ours", "acme"));
  EXPECT_TRUE(book.IsPartner("ours", "globex"));
  EXPECT_FALSE(book.IsPartner("theirs", "acme"));
  book.Publish("ours", absl::MakeSpan(events).subspan(2));
  EXPECT_FALSE(book.IsPartner("ours", "acme"));
}

TEST(PartnerBookTest, WhoLeavesOnePartnershipStaysInOthers) {
  PartnerBook book;
  std::vector<trust::v1::Event> events(2);
  for (const char* partner : {"acme", "globex", "initech", "acme"}) {
    events[0].mutable_partnership_proposed()->add_partners()->set_organization(partner);
  }
  events[1].mutable_partner_left()->set_organization("acme");
  book.Publish("ours", events);
  book.Publish("theirs", absl::MakeSpan(events).subspan(0, 1));
  EXPECT_FALSE(book.IsPartner("ours", "acme"));
  EXPECT_TRUE(book.IsPartner("ours", "globex"));
  EXPECT_TRUE(book.IsPartner("ours", "initech"));
  EXPECT_TRUE(book.IsPartner("theirs", "acme"));
  EXPECT_FALSE(book.IsPartner("ours", "hooli"));
  // Who left where nobody knows them changes nothing.
  book.Publish("nobody's", absl::MakeSpan(events).subspan(1));
  EXPECT_FALSE(book.IsPartner("nobody's", "acme"));
}

TEST(TokenKeysTest, WhatIsNoTokenIsRefusedWithoutRepeatingIt) {
  constexpr char kKey[] =
      "-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPuymO6QU8d+cEeCTQ2GC97+iPJnu\\n"
      "YARYaQmIoK8Z03TR+65xD7OCZqxzwV3MokCL5BxCjiadphIcgwk/HUdefw==\\n-----END PUBLIC KEY-----\\n";
  const auto keys = identity::TokenKeys::Parse(
      absl::StrCat(R"({"issuers": [{"issuer": "i", "audience": "a", "keys": [{"keyId": "k", "algorithm": "ES256", )",
                   R"("publicKey": ")", kKey, R"("}]}]})"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  for (const char* token : {"", "secret", "secret.secret.secret", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30."}) {
    const absl::Status status = (*keys)->Read(token).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << token;
    EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace services::identity_tests
