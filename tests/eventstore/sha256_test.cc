#include "eventstore/sha256.h"

#include <string>

#include "gtest/gtest.h"

namespace eventstore {
namespace {

// The examples of FIPS 180, as NIST publishes them.
TEST(Sha256Test, GivesThePublishedValues) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, TheDigestIsTheBytesOfItsDigits) {
  EXPECT_EQ(Sha256("abc")[0], 0xba);
  EXPECT_EQ(Sha256("abc")[31], 0xad);
}

TEST(Sha256Test, DigitsAreReadInPairsAndNothingElseIs) {
  const std::string digest = BytesOf(Sha256("abc"));
  EXPECT_EQ(BytesOfHex(Sha256Hex("abc")), digest);
  EXPECT_EQ(BytesOfHex("00fF7a"), std::string("\0\xff\x7a", 3));
  for (const char* const other : {"", "0", "000", "0g", "0x00", " 00", "00\n"})
    EXPECT_EQ(BytesOfHex(other), "") << other;
}

}  // namespace
}  // namespace eventstore
