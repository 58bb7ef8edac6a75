#include "services/vault.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace services {
namespace {

const std::shared_ptr<const SecretKey> kKey = SecretKey::Of("0123456789abcdef0123456789abcdef");
const SealedPlace kPlace = {"moon", 7, "note"};
constexpr absl::string_view kText = "Ada prefers to be called before noon.";

eventstore::SealedPart Sealed() { return *Seal(*kKey, "ada", kPlace, kText); }

std::optional<std::string> UnsealedAt(const SealedPlace& place, absl::string_view key_id) {
  const eventstore::SealedPart part = Sealed();
  return Unseal(*kKey, key_id, place, part.nonce, part.ciphertext);
}

TEST(VaultTest, WhatWasSealedOpensAtItsPlace) { EXPECT_EQ(UnsealedAt(kPlace, "ada"), kText); }

TEST(VaultTest, NothingOfTheTextStandsInWhatIsSealed) {
  const eventstore::SealedPart part = Sealed();
  EXPECT_EQ(part.key_id, "ada");
  EXPECT_EQ(part.nonce.size(), 12u);
  EXPECT_EQ(part.ciphertext.size(), kText.size() + 16);
  EXPECT_EQ(part.ciphertext.find("Ada"), std::string::npos);
}

TEST(VaultTest, AnEmptyTextIsSealedToo) {
  const auto part = Seal(*kKey, "ada", kPlace, "");
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(Unseal(*kKey, "ada", kPlace, part->nonce, part->ciphertext), "");
}

TEST(VaultTest, WhatWasMovedOpensNowhereElse) {
  EXPECT_EQ(UnsealedAt({"sun", 7, "note"}, "ada"), std::nullopt);
  EXPECT_EQ(UnsealedAt({"moon", 8, "note"}, "ada"), std::nullopt);
  EXPECT_EQ(UnsealedAt({"moon", 7, "profile"}, "ada"), std::nullopt);
  EXPECT_EQ(UnsealedAt(kPlace, "bert"), std::nullopt);
  // The same letters, cut at another place.
  EXPECT_EQ(UnsealedAt({"moonn", 7, "ote"}, "ada"), std::nullopt);
}

TEST(VaultTest, AnotherKeyOpensNothing) {
  const eventstore::SealedPart part = Sealed();
  EXPECT_EQ(Unseal(**SecretKey::Random(), "ada", kPlace, part.nonce, part.ciphertext), std::nullopt);
}

TEST(VaultTest, OneFlippedBitAnywhereIsNoticed) {
  const eventstore::SealedPart part = Sealed();
  for (size_t bit = 0; bit < 8 * part.ciphertext.size(); ++bit) {
    std::string flipped = part.ciphertext;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Unseal(*kKey, "ada", kPlace, part.nonce, flipped), std::nullopt) << bit;
  }
  for (size_t bit = 0; bit < 8 * part.nonce.size(); ++bit) {
    std::string flipped = part.nonce;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Unseal(*kKey, "ada", kPlace, flipped, part.ciphertext), std::nullopt) << bit;
  }
}

TEST(VaultTest, WhatIsCutShortIsNoticed) {
  const eventstore::SealedPart part = Sealed();
  for (size_t size = 0; size < part.ciphertext.size(); ++size) {
    EXPECT_EQ(Unseal(*kKey, "ada", kPlace, part.nonce, part.ciphertext.substr(0, size)), std::nullopt) << size;
  }
  for (size_t size = 0; size < part.nonce.size(); ++size) {
    EXPECT_EQ(Unseal(*kKey, "ada", kPlace, part.nonce.substr(0, size), part.ciphertext), std::nullopt) << size;
  }
}

TEST(VaultTest, NoNonceComesTwice) {
  std::set<std::string> nonces;
  for (int i = 0; i < 10'000; ++i) nonces.insert(Sealed().nonce);
  EXPECT_EQ(nonces.size(), 10'000u);
}

TEST(VaultTest, AWrappedKeyOpensUnderItsIdAndItsWrapperAlone) {
  const auto wrapper = *SecretKey::Random();
  const std::string kept = *WrapKey(*kKey, "ada", wrapper.get());
  EXPECT_EQ(kept.find(std::string(kKey->bytes())), std::string::npos);
  EXPECT_EQ(IsWrapped(kept), true);
  ASSERT_NE(UnwrapKey(kept, "ada", wrapper.get()), nullptr);
  EXPECT_EQ(UnwrapKey(kept, "ada", wrapper.get())->bytes(), kKey->bytes());
  EXPECT_EQ(UnwrapKey(kept, "bert", wrapper.get()), nullptr);
  EXPECT_EQ(UnwrapKey(kept, "ada", SecretKey::Random()->get()), nullptr);
  EXPECT_EQ(UnwrapKey(kept, "ada", nullptr), nullptr);
  EXPECT_EQ(UnwrapKey(kept.substr(0, kept.size() - 1), "ada", wrapper.get()), nullptr);
}

TEST(VaultTest, AKeyInClearIsThatKey) {
  const std::string kept = *WrapKey(*kKey, "ada", nullptr);
  EXPECT_EQ(IsWrapped(kept), false);
  EXPECT_EQ(UnwrapKey(kept, "ada", nullptr)->bytes(), kKey->bytes());
  EXPECT_EQ(IsWrapped("rubbish"), std::nullopt);
  EXPECT_EQ(UnwrapKey("", "ada", nullptr), nullptr);
}

class KeyFileTest : public testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<const SecretKey>> Read(const std::string& content, mode_t mode) {
    const std::string path = testing::TempDir() + "/key_file_" + std::to_string(getpid());
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    auto key = ReadKeyFile(path);
    std::remove(path.c_str());
    return key;
  }
};

TEST_F(KeyFileTest, HexadecimalDigitsAndBytesAreKeys) {
  const std::string digits = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n";
  ASSERT_TRUE(Read(digits, 0600).ok());
  EXPECT_EQ((*Read(digits, 0400))->bytes().substr(1, 2), "\x11\x22");
  EXPECT_EQ((*Read(std::string(kKey->bytes()), 0600))->bytes(), kKey->bytes());
}

TEST_F(KeyFileTest, AFileThatOthersMayUseIsRefused) {
  for (const mode_t mode : {0640, 0604, 0620, 0610, 0601}) {
    EXPECT_EQ(Read(std::string(kKey->bytes()), mode).status().code(), absl::StatusCode::kFailedPrecondition) << mode;
  }
}

TEST_F(KeyFileTest, AFileThatGoesOnBehindItsKeyIsRefused) {
  const std::string digits = std::string(64, 'a');
  EXPECT_TRUE(Read(digits + std::string(10, '\n'), 0600).ok());
  EXPECT_FALSE(Read(digits + std::string(64, ' ') + "and more", 0600).ok());
}

TEST_F(KeyFileTest, WhatIsNoKeyIsRefusedAndNeverRepeated) {
  for (const std::string content : {"", "short", "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}) {
    const auto key = Read(content, 0600);
    EXPECT_EQ(key.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(content.empty() || key.status().message().find(content) == std::string::npos);
  }
  EXPECT_EQ(ReadKeyFile("/dev/null/key").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace services
