#include "eventstore/rocksdb_log_file.h"

#include <string>
#include <vector>

#include "eventstore/crc32c.h"
#include "gtest/gtest.h"

namespace eventstore {
namespace {

constexpr size_t kBlockBytes = 32768;

// Writes the format as RocksDB does: see rocksdb_log_file.cc for its grammar.
class LogFile {
 public:
  void Add(const std::string& payload) {
    absl::string_view rest = payload;
    bool first = true;
    do {
      if (Room() < 7) bytes_.append(Room(), '\0');
      const absl::string_view part = rest.substr(0, Room() - 7);
      rest.remove_prefix(part.size());
      Put(static_cast<char>(first ? (rest.empty() ? 1 : 2) : (rest.empty() ? 4 : 3)), part);
      first = false;
    } while (!rest.empty());
    ends_.push_back(bytes_.size());
  }

  const std::string& bytes() const { return bytes_; }
  const std::vector<size_t>& headers() const { return headers_; }
  // Where each whole record ends.
  const std::vector<size_t>& ends() const { return ends_; }

 private:
  size_t Room() const { return kBlockBytes - bytes_.size() % kBlockBytes; }

  void Put(char type, absl::string_view part) {
    headers_.push_back(bytes_.size());
    const uint32_t checksum = MaskCrc32c(Crc32c(absl::string_view(&type, 1), part));
    for (int shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<char>(checksum >> shift));
    bytes_.push_back(static_cast<char>(part.size()));
    bytes_.push_back(static_cast<char>(part.size() >> 8));
    bytes_.push_back(type);
    bytes_.append(part.data(), part.size());
  }

  std::string bytes_;
  std::vector<size_t> headers_;
  std::vector<size_t> ends_;
};

// Records that end within a block, with it, a few bytes before its end, and several blocks later.
LogFile SomeFile() {
  LogFile file;
  for (const size_t size : {100, 30000, 20000, 300}) file.Add(std::string(size, 'a'));
  file.Add(std::string(kBlockBytes - file.bytes().size() % kBlockBytes - 7 - 3, 'b'));
  file.Add(std::string(kBlockBytes - 7, 'c'));
  for (const size_t size : {80000, 0, 40, 500}) file.Add(std::string(size, 'd'));
  return file;
}

TEST(RocksDbLogFileTest, ASoundFileIsSound) {
  EXPECT_EQ(*CheckLogFile(""), 0);
  EXPECT_EQ(*CheckLogFile(SomeFile().bytes()), SomeFile().bytes().size());
}

TEST(RocksDbLogFileTest, ARecordThatWasNeverFinishedIsForgiven) {
  const std::string whole = SomeFile().bytes();
  // Every cut in the last records, and some in the large ones before.
  for (size_t size = whole.size(); size > whole.size() - 700; --size) {
    ASSERT_EQ(CheckLogFile(whole.substr(0, size)).value_or(0), size);
  }
  for (size_t size = 0; size < whole.size(); size += 997) {
    ASSERT_EQ(CheckLogFile(whole.substr(0, size)).value_or(1), size);
  }
}

TEST(RocksDbLogFileTest, ZerosAndRemainsAtTheEndAreForgiven) {
  EXPECT_TRUE(CheckLogFile(SomeFile().bytes() + std::string(4096, '\0')).ok());
  EXPECT_TRUE(CheckLogFile(SomeFile().bytes() + std::string(100000, '\0')).ok());
  EXPECT_TRUE(CheckLogFile(SomeFile().bytes() + std::string(64, '\x5a')).ok());
}

TEST(RocksDbLogFileTest, EveryFlippedBitOfAHeaderIsDamage) {
  const LogFile file = SomeFile();
  for (const size_t header : file.headers()) {
    for (size_t byte = header + 4; byte < header + 7; ++byte) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = file.bytes();
        damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
        EXPECT_TRUE(absl::IsDataLoss(CheckLogFile(damaged).status()))
            << "header " << header << " byte " << byte << " bit " << bit;
      }
    }
  }
}

TEST(RocksDbLogFileTest, DamageBeforeASoundRecordIsDamage) {
  const LogFile file = SomeFile();
  for (size_t byte = 0; byte < file.ends()[file.ends().size() - 2]; byte += 101) {
    std::string damaged = file.bytes();
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    const absl::Status status = CheckLogFile(damaged).status();
    // The bytes between the last record of a block and its end belong to no record.
    const bool trailer = damaged.substr(byte).find_first_not_of('\0') == 0 && byte % kBlockBytes >= kBlockBytes - 6;
    EXPECT_TRUE(absl::IsDataLoss(status) || trailer) << byte << ": " << status;
  }
}

// Of a record that a power cut met, the file system may know the length and the disk lack the bytes.
TEST(RocksDbLogFileTest, ALastRecordWithSectorsThatWereNeverWrittenIsToBeCutOff) {
  LogFile file = SomeFile();
  file.Add(std::string(9000, 'e'));
  const size_t begin = file.headers().back();
  for (size_t written = begin / 512 * 512 + 512; written < file.bytes().size(); written += 512) {
    std::string torn = file.bytes();
    const size_t zeros = torn.size() - written;
    torn.replace(written, zeros, zeros, '\0');
    EXPECT_EQ(CheckLogFile(torn).value_or(0), zeros < 16 ? torn.size() : begin) << written;
  }
  const size_t page = begin / 4096 * 4096 + 4096;
  std::string holed = file.bytes();
  holed.replace(page, 4096, 4096, '\0');
  EXPECT_EQ(CheckLogFile(holed).value_or(0), begin);
}

TEST(RocksDbLogFileTest, OfARecordWhoseLastFragmentsWereNeverWrittenTheZerosAreToBeCutOff) {
  LogFile file = SomeFile();
  file.Add(std::string(2 * kBlockBytes, 'e'));
  const size_t block = file.bytes().size() / kBlockBytes * kBlockBytes;
  std::string torn = file.bytes();
  const size_t zeros = torn.size() - block;
  torn.replace(block, zeros, zeros, '\0');
  EXPECT_EQ(CheckLogFile(torn).value_or(0), block);
}

// Pages come to a disk in any order.
TEST(RocksDbLogFileTest, ARecordWithoutThePageOfItsHeaderIsToBeCutOffThoughLaterPagesAreThere) {
  LogFile file = SomeFile();
  file.Add(std::string(2 * kBlockBytes, 'e'));
  for (size_t header = file.headers().size() - 3; header < file.headers().size(); ++header) {
    const size_t at = file.headers()[header];
    const size_t page = (at + 7 + 4095) / 4096 * 4096;
    std::string holed = file.bytes();
    holed.replace(at, page - at, page - at, '\0');
    EXPECT_EQ(CheckLogFile(holed).value_or(0), at);
    // What was flushed before does not end in the middle of a page that is there.
    holed[page - 1] = 'e';
    EXPECT_EQ(CheckLogFile(holed).value_or(0), holed.size());
    // A record that was begun later proves that this one had been flushed.
    holed = file.bytes();
    holed.replace(at, page - at, page - at, '\0');
    LogFile next = file;
    next.Add("next");
    EXPECT_TRUE(absl::IsDataLoss(CheckLogFile(holed + next.bytes().substr(file.bytes().size())).status()));
  }
}

// It was acknowledged, and RocksDB refuses it.
TEST(RocksDbLogFileTest, ALastRecordWithAFlippedBitOrAFewZerosIsKept) {
  LogFile file = SomeFile();
  file.Add(std::string(9000, 'e'));
  const size_t size = file.bytes().size();
  for (size_t byte = file.headers().back() + 7; byte < size; byte += 13) {
    std::string damaged = file.bytes();
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    ASSERT_EQ(CheckLogFile(damaged).value_or(0), size) << byte;
    damaged.replace(byte, 1, 1, '\0');
    ASSERT_EQ(CheckLogFile(damaged).value_or(0), size) << byte;
  }
}

}  // namespace
}  // namespace eventstore
