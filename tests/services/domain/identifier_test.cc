#include "services/domain/identifier.h"

#include <string>

#include "gtest/gtest.h"
#include "services/domain/limits.h"

namespace domain {
namespace {

TEST(IdentifierTest, AnIdIsLowerCaseLettersDigitsAndHyphens) {
  for (const char* const id : {"a", "a1", "acme-2", "a--b"}) EXPECT_TRUE(IsId(id)) << id;
  EXPECT_TRUE(IsId(std::string(kIdSizeMax, 'a')));
  EXPECT_FALSE(IsId(std::string(kIdSizeMax + 1, 'a')));
  for (const char* const text : {"", "A", "1a", "-a", "a-", "a_b", "a b", "a/b", "*", "é"})
    EXPECT_FALSE(IsId(text)) << text;
}

TEST(IdentifierTest, AUuidHasItsUsualForm) {
  EXPECT_TRUE(IsUuid("123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(IsUuid("123E4567-E89B-12D3-A456-426614174000"));
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("123e4567e89b12d3a456426614174000"));
  EXPECT_FALSE(IsUuid("{23e4567-e89b-12d3-a456-42661417400}"));
  EXPECT_FALSE(IsUuid("123e4567-e89b-12d3-a456-42661417400g"));
}

TEST(IdentifierTest, AnExternalIdIsNotANumber) {
  for (const char* const id : {"a", "1a", "vw-2009.12_a"}) EXPECT_TRUE(IsExternalId(id)) << id;
  for (const char* const text : {"", "17", "a.", ".a", "A", "a/b", "a b"}) EXPECT_FALSE(IsExternalId(text)) << text;
  EXPECT_TRUE(IsExternalId(std::string(kExternalIdSizeMax, 'a')));
  EXPECT_FALSE(IsExternalId(std::string(kExternalIdSizeMax + 1, 'a')));
}

TEST(IdentifierTest, ADigestIsLowerCaseHexadecimal) {
  EXPECT_TRUE(IsSha256(std::string(64, 'f')));
  EXPECT_FALSE(IsSha256(std::string(64, 'F')));
  EXPECT_FALSE(IsSha256(std::string(63, 'f')));
}

TEST(IdentifierTest, DisplayTextIsWellFormedUtf8WithoutControls) {
  for (const char* const text : {"", "Acme", "Société", "協力", "\xF0\x9F\x9A\x80"})
    EXPECT_TRUE(IsDisplayText(text)) << text;
  for (const char* const text : {"\n", "\x7F", "\xC2\x85", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                                 "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(IsDisplayText(text));
  }
}

TEST(IdentifierTest, ATraceIdIsPrintableAscii) {
  EXPECT_TRUE(IsTraceId(""));
  EXPECT_TRUE(IsTraceId("order 7/b"));
  EXPECT_FALSE(IsTraceId("a\n"));
  EXPECT_FALSE(IsTraceId("é"));
}

}  // namespace
}  // namespace domain
