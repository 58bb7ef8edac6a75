// The database under a store, to do to it what the store never does. The store must be closed. Not thread-safe.

#ifndef TESTS_EVENTSTORE_RAW_DATABASE_H_
#define TESTS_EVENTSTORE_RAW_DATABASE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/key_layout.h"
#include "eventstore/v1/record.pb.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "tests/eventstore/frames.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {

class RawDatabase {
 public:
  explicit RawDatabase(const TempDirectory& directory) {
    rocksdb::Options options;
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, directory.store(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, directory.store(), families, &families_, &database);
    EXPECT_TRUE(status.ok()) << status.ToString();
    database_.reset(database);
    default_ = database_->DefaultColumnFamily();
  }

  // Makes a database with these families besides "default".
  RawDatabase(const TempDirectory& directory, const std::vector<std::string>& families) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, directory.store(), &database);
    EXPECT_TRUE(status.ok()) << status.ToString();
    database_.reset(database);
    default_ = database_->DefaultColumnFamily();
    for (const std::string& name : families) CreateFamily(name);
  }
  ~RawDatabase() {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      EXPECT_TRUE(database_->DestroyColumnFamilyHandle(family).ok());
    }
  }

  void Put(const std::string& family, const std::string& key, const std::string& value) {
    EXPECT_TRUE(database_->Put(rocksdb::WriteOptions(), Handle(family), key, value).ok());
  }
  void Delete(const std::string& family, const std::string& key) {
    EXPECT_TRUE(database_->Delete(rocksdb::WriteOptions(), Handle(family), key).ok());
  }
  std::string Get(const std::string& family, const std::string& key) {
    std::string value;
    EXPECT_TRUE(database_->Get(rocksdb::ReadOptions(), Handle(family), key, &value).ok());
    return value;
  }
  void FlipBit(const std::string& family, const std::string& key, size_t byte, int bit) {
    std::string value = Get(family, key);
    ASSERT_LT(byte, value.size());
    value[byte] = static_cast<char>(value[byte] ^ (1 << bit));
    Put(family, key, value);
  }
  v1::Record Record(uint64_t position) { return RecordIn(Get("log", LogKey(position))); }
  // Changes a record as somebody would who knows the format: the checksum fits. In the log, in the stream, or in both.
  void Edit(uint64_t position, const std::function<void(v1::Record*)>& edit, bool in_log, bool in_stream) {
    v1::Record record = Record(position);
    const std::string stream_key = StreamKey(record.stream(), record.revision());
    edit(&record);
    const std::string frame = FrameOf(record);
    if (in_log) Put("log", LogKey(position), frame);
    if (in_stream) Put("streams", stream_key, frame);
  }
  // The paths of the files that hold a family.
  std::vector<std::string> TableFiles(const std::string& family) {
    std::vector<rocksdb::LiveFileMetaData> files;
    database_->GetLiveFilesMetaData(&files);
    std::vector<std::string> paths;
    for (const rocksdb::LiveFileMetaData& file : files) {
      if (file.column_family_name == family) paths.push_back(file.db_path + file.name);
    }
    return paths;
  }
  void CreateFamily(const std::string& name) {
    families_.emplace_back();
    EXPECT_TRUE(database_->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), name, &families_.back()).ok());
  }

 private:
  rocksdb::ColumnFamilyHandle* Handle(const std::string& name) {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      if (family->GetName() == name) return family;
    }
    EXPECT_EQ(name, "default") << "no such family";
    return default_;
  }

  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_RAW_DATABASE_H_
