#include "eventstore/signed_note.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "eventstore/checkpoint.h"
#include "eventstore/durable_file.h"
#include "eventstore/sha256.h"
#include "eventstore/signing_key_file.h"
#include "gtest/gtest.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {
namespace {

// Made by golang.org/x/mod/sumdb/note v0.17.0, from a seed of 32 bytes of 7.
constexpr char kGoPrivate[] = "PRIVATE+KEY+log.example.com+4a66a772+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
constexpr char kGoVerifier[] = "log.example.com+4a66a772+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
constexpr char kGoText[] = "log.example.com\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
constexpr char kGoNote[] =
    "log.example.com\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— log.example.com "
    "SmancujOnjgmFsEkDSRPVmi4dQMMSrHc4weQHuMzz7oNKV9WpGZOlVGuuN/anxNQH2ObbY+jJCshveIdn4Vy+0iOFgc=\n";

TEST(SigningKeyTest, SignsAsTheExampleOfRfc8032) {
  // Section 7.1, test 1: of an empty message.
  const std::string seed = BytesOfHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const auto generated = SigningKey::Generate("x");
  ASSERT_TRUE(generated.ok()) << generated.status();
  // The text's hash is not known beforehand, so the public key is asked for by way of a wrong one.
  const std::string public_key = BytesOfHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  VerifierKey::PublicKey bytes;
  std::copy(public_key.begin(), public_key.end(), reinterpret_cast<char*>(bytes.data()));
  const VerifierKey verifier("x", bytes);
  const auto key = SigningKey::Parse(absl::StrCat("PRIVATE+KEY+x+", verifier.Text().substr(2, 8), "+",
                                                  absl::Base64Escape(absl::StrCat("\x01", seed))));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(
      absl::BytesToHexString(key->Sign("")),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "655141438e7a100b");
  EXPECT_TRUE(verifier.Verifies("", key->Sign("")));
  EXPECT_FALSE(verifier.Verifies("a", key->Sign("")));
  EXPECT_FALSE(generated->verifier().Verifies("", key->Sign("")));
}

TEST(SigningKeyTest, ReadsAndWritesTheTextsOfTheGoPackage) {
  const auto key = SigningKey::Parse(kGoPrivate);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->Text(), kGoPrivate);
  EXPECT_EQ(key->verifier().Text(), kGoVerifier);
  const auto verifier = VerifierKey::Parse(kGoVerifier);
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  EXPECT_EQ(verifier->Text(), kGoVerifier);
  EXPECT_EQ(verifier->id(), 0x4a66a772u);
}

TEST(SigningKeyTest, RefusesTextsThatAreChangedAnywhere) {
  for (const std::string& whole : {std::string(kGoPrivate), std::string(kGoVerifier)}) {
    for (size_t i = 0; i < whole.size(); ++i) {
      std::string changed = whole;
      changed[i] = changed[i] == 'B' ? 'C' : 'B';
      EXPECT_FALSE(SigningKey::Parse(changed).ok()) << changed;
      EXPECT_FALSE(VerifierKey::Parse(changed).ok()) << changed;
    }
  }
  EXPECT_FALSE(SigningKey::Parse("").ok());
  EXPECT_FALSE(VerifierKey::Parse("a+b").ok());
}

TEST(SigningKeyTest, TwoNewKeysDiffer) {
  const auto one = SigningKey::Generate("log.example.com");
  const auto other = SigningKey::Generate("log.example.com");
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(one->Text(), other->Text());
  for (const char* name : {"", "a b", "a+b", "a\n", "\xc3\xa4"}) EXPECT_FALSE(SigningKey::Generate(name).ok()) << name;
  EXPECT_FALSE(SigningKey::Generate(std::string(201, 'a')).ok());
}

TEST(SignedNoteTest, WritesTheNoteThatTheGoPackageWrites) {
  const auto key = SigningKey::Parse(kGoPrivate);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto note = SignNote(kGoText, *key);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(*note, kGoNote);
}

TEST(SignedNoteTest, OpensTheNoteOfTheGoPackageAndNoneThatIsChanged) {
  const auto verifier = VerifierKey::Parse(kGoVerifier);
  ASSERT_TRUE(verifier.ok());
  const auto text = OpenNote(kGoNote, *verifier);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, kGoText);
  const std::string whole = kGoNote;
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {1, 2, 16, 64}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(OpenNote(changed, *verifier).ok()) << i;
    }
    EXPECT_FALSE(OpenNote(whole.substr(0, i), *verifier).ok()) << i;
  }
}

TEST(SignedNoteTest, PassesOverSignaturesOfOthers) {
  const auto key = SigningKey::Parse(kGoPrivate);
  const auto other = SigningKey::Generate("witness.example.com");
  ASSERT_TRUE(key.ok() && other.ok());
  const std::string text = "a text\n\nwith an empty line\n";
  const std::string ours = *SignNote(text, *key);
  const std::string theirs = *SignNote(text, *other);
  const std::string both = ours + theirs.substr(text.size() + 1);
  EXPECT_EQ(OpenNote(both, key->verifier()).value_or(""), text);
  EXPECT_EQ(OpenNote(both, other->verifier()).value_or(""), text);
  EXPECT_EQ(OpenNote(theirs, key->verifier()).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST(SignedNoteTest, SignsOnlyPlainText) {
  const auto key = SigningKey::Parse(kGoPrivate);
  ASSERT_TRUE(key.ok());
  for (const char* text : {"", "no line feed", "a tab\t\n", "\xff\n", "\xc0\x80\n", "\xed\xa0\x80\n", "cut \xe2\x80"}) {
    EXPECT_FALSE(SignNote(text, *key).ok()) << text;
  }
  EXPECT_TRUE(SignNote("\xe2\x80\x94 \xf0\x9f\x98\x80 \xc3\xa4\n", *key).ok());
}

TEST(CheckpointTest, IsThreeLines) {
  Checkpoint checkpoint{"log.example.com", 42, Sha256("a root")};
  const std::string text = CheckpointText(checkpoint);
  EXPECT_EQ(text, absl::StrCat("log.example.com\n42\n", Base64Of(checkpoint.root), "\n"));
  const auto parsed = ParseCheckpoint(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, checkpoint);
}

TEST(CheckpointTest, RefusesEverythingElse) {
  const std::string root = Base64Of(Sha256(""));
  const std::string right = absl::StrCat("a\n1\n", root, "\n");
  ASSERT_TRUE(ParseCheckpoint(right).ok());
  for (const std::string& text :
       {std::string(), std::string("a\n1\n"), absl::StrCat("\n1\n", root, "\n"), absl::StrCat("a\n01\n", root, "\n"),
        absl::StrCat("a\n+1\n", root, "\n"), absl::StrCat("a\n-1\n", root, "\n"), absl::StrCat("a\n 1\n", root, "\n"),
        absl::StrCat("a\n9223372036854775808\n", root, "\n"), absl::StrCat("a\n1\n", root), right + "more\n",
        right + "\n", absl::StrCat("a\n1\n", root.substr(1), "\n"), absl::StrReplaceAll(right, {{"=", ""}})}) {
    EXPECT_FALSE(ParseCheckpoint(text).ok()) << text;
  }
}

class SigningKeyFileTest : public testing::Test {
 protected:
  static mode_t ModeOf(const std::string& path) {
    struct stat attributes {};
    EXPECT_EQ(stat(path.c_str(), &attributes), 0);
    return attributes.st_mode & 0777;
  }

  TempDirectory directory_;
  const std::string path_ = directory_.path() + "/signing.key";
};

TEST_F(SigningKeyFileTest, IsWrittenForItsOwnerAloneAndReadAgain) {
  const auto key = SigningKey::Parse(kGoPrivate);
  ASSERT_TRUE(key.ok());
  ASSERT_TRUE(WriteSigningKeyFile(*key, path_).ok());
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(ModeOf(path_ + ".pub"), 0644u);
  EXPECT_EQ(ReadWholeFile(path_ + ".pub").value_or(""), absl::StrCat(kGoVerifier, "\n"));
  const auto read = ReadSigningKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->Text(), kGoPrivate);
}

TEST_F(SigningKeyFileTest, IsNeverOverwritten) {
  const auto key = SigningKey::Parse(kGoPrivate);
  ASSERT_TRUE(key.ok());
  std::ofstream(path_) << "precious";
  EXPECT_EQ(WriteSigningKeyFile(*key, path_).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadWholeFile(path_).value_or(""), "precious");
  const std::string second = path_ + "2";
  std::ofstream(second + ".pub") << "precious";
  EXPECT_EQ(WriteSigningKeyFile(*key, second).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadWholeFile(second).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SigningKeyFileTest, IsNotCalledMissingWhereItsFolderCannotBeSearched) {
  std::ofstream(path_) << "a file, and no folder";
  const absl::Status status = ReadSigningKeyFile(path_ + "/signing.key").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_NE(status.message().find("cannot read the signing key file " + path_), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("Not a directory"), absl::string_view::npos) << status;
}

TEST_F(SigningKeyFileTest, IsRefusedWhenItIsMissingOpenToOthersOrBroken) {
  EXPECT_EQ(ReadSigningKeyFile(path_).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(CreateDurableFile(path_, absl::StrCat(kGoPrivate, "\n"), 0600).ok());
  for (const mode_t mode : {0640, 0604, 0660, 0610, 0602}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(ReadSigningKeyFile(path_).status().code(), absl::StatusCode::kPermissionDenied);
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_TRUE(ReadSigningKeyFile(path_).ok());
  const std::string broken = path_ + "-broken";
  ASSERT_TRUE(CreateDurableFile(broken, "PRIVATE+KEY+log.example.com+00000000+AQcH\n", 0600).ok());
  const absl::Status status = ReadSigningKeyFile(broken).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message().find("AQcH"), absl::string_view::npos);
}

}  // namespace
}  // namespace eventstore
