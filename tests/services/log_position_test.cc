#include "services/log_position.h"

#include "gtest/gtest.h"
#include "services/domain/refusal.h"
#include "services/request_ledger.h"
#include "trust/v1/evidence_service.pb.h"

namespace services {
namespace {

TEST(LogPositionTest, ATokenNamesItsPosition) {
  for (const uint64_t position : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{1} << 40, ~uint64_t{0}}) {
    const absl::StatusOr<uint64_t> parsed = ParseLogPosition(LogPositionToken(position));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, position);
  }
}

TEST(LogPositionTest, WhatNoServerMadeIsRefused) {
  std::string altered = LogPositionToken(7);
  altered[4] = altered[4] == 'A' ? 'B' : 'A';
  for (const std::string& token : {std::string("7"), std::string("latest"), altered, std::string(10'000, 'A')}) {
    EXPECT_EQ(domain::ReasonOf(ParseLogPosition(token).status()), trust::v1::ERROR_REASON_INVALID_POSITION) << token;
  }
}

TEST(LogPositionTest, ATokenWithOneWrongCharacterIsRefused) {
  const std::string token = LogPositionToken(300);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char wrong : {'A', 'B', 'z', '0', '-'}) {
      std::string altered = token;
      altered[i] = wrong;
      EXPECT_EQ(ParseLogPosition(altered).ok(), altered == token) << altered;
    }
  }
}

TEST(LogPositionTest, ATokenOfTheFirstProgramsNamesItsPosition) {
  EXPECT_EQ(ParseLogPosition("AQAAAAAAAAEKWPahmw").value_or(0), 266);
  EXPECT_EQ(ParseLogPosition("AQAAAAAAAAFAp-5fgw").value_or(0), 320);
  EXPECT_FALSE(ParseLogPosition("AQAAAAAAAAELWPahmw").ok());
}

TEST(LogPositionTest, ATokenIsTakenOnlyAsItWasGivenOut) {
  for (const std::string& token : {LogPositionToken(300), std::string("AQAAAAAAAAEKWPahmw")}) {
    for (const std::string& other :
         {token + "=", token + " ", " " + token, token.substr(0, 9) + "\n" + token.substr(9)}) {
      EXPECT_EQ(domain::ReasonOf(ParseLogPosition(other).status()), trust::v1::ERROR_REASON_INVALID_POSITION) << other;
    }
  }
}

TEST(PageTokenTest, ATokenIsTakenOnlyAsItWasGivenOut) {
  const std::string token = PageToken("17", "list of x");
  for (const std::string& other :
       {token + "=", token + " ", " " + token, token.substr(0, 5) + "\n" + token.substr(5)}) {
    EXPECT_EQ(domain::ReasonOf(ParsePageToken(other, "list of x").status()), trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN)
        << other;
  }
}

TEST(PageTokenTest, ATokenGoesOnWhereItsPageEnded) {
  EXPECT_EQ(*ParsePageToken(PageToken("17", "list of x"), "list of x"), "17");
  EXPECT_EQ(*ParsePageToken("", "list of x"), "");
}

TEST(PageTokenTest, ATokenIsBoundToTheArgumentsOfItsList) {
  EXPECT_EQ(domain::ReasonOf(ParsePageToken(PageToken("17", "list of x"), "list of y").status()),
            trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  EXPECT_EQ(domain::ReasonOf(ParsePageToken("garbage", "list of x").status()),
            trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST(RequestLedgerTest, ADeedIsReadBackAsItWasWritten) {
  const std::optional<Deed> deed = DecodeDeed(EncodeDeed({std::string(kFingerprintBytes, 'f'), "alpha", 300, 2}));
  ASSERT_TRUE(deed);
  EXPECT_EQ(deed->fingerprint, std::string(kFingerprintBytes, 'f'));
  EXPECT_EQ(deed->partnership, "alpha");
  EXPECT_EQ(deed->first_revision, 300);
  EXPECT_EQ(deed->event_count, 2);
}

TEST(RequestLedgerTest, WhatIsNoDeedIsNotReadAsOne) {
  const std::string bytes = EncodeDeed({std::string(kFingerprintBytes, 'f'), "", 300, 2});
  for (size_t size = 0; size < bytes.size() - 1; ++size) EXPECT_FALSE(DecodeDeed(bytes.substr(0, size))) << size;
}

TEST(RequestLedgerTest, ANumberThatIsWrittenInAnotherWayIsNoDeed) {
  const std::string before =
      EncodeDeed({std::string(kFingerprintBytes, 'f'), "", 0, 0}).substr(0, 1 + kFingerprintBytes);
  EXPECT_TRUE(DecodeDeed(before + "\x05\x02" + "alpha"));
  EXPECT_FALSE(DecodeDeed(before + "\x85" + std::string(1, '\0') + "\x02" + "alpha"));
  EXPECT_FALSE(DecodeDeed(before + std::string(9, '\x80') + "\x7f" + "\x02" + "alpha"));
}

TEST(RequestLedgerTest, AFingerprintTellsContentsAndMethodsApart) {
  trust::v1::RecordEvidenceRequest a;
  a.set_partnership("alpha");
  trust::v1::RecordEvidenceRequest b = a;
  EXPECT_EQ(Fingerprint("RecordEvidence", a), Fingerprint("RecordEvidence", b));
  EXPECT_NE(Fingerprint("RecordEvidence", a), Fingerprint("OtherMethod", a));
  b.mutable_evidence()->set_actor("globex");
  EXPECT_NE(Fingerprint("RecordEvidence", a), Fingerprint("RecordEvidence", b));
  EXPECT_EQ(Fingerprint("RecordEvidence", a).size(), kFingerprintBytes);
}

}  // namespace
}  // namespace services
