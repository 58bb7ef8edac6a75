#include "eventstore/rocksdb_table_file.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/rocksdb_status.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_checksum.h"
#include "rocksdb/metadata.h"

namespace eventstore {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

// The checksum with which a file was written. NOT_FOUND for one that the database does not need, or has none of.
absl::StatusOr<std::string> ChecksumOf(rocksdb::DB* database, const std::string& name) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database->GetLiveFilesMetaData(&files);
  for (rocksdb::LiveFileMetaData& file : files) {
    if (file.relative_filename == name && file.file_checksum_func_name != rocksdb::kUnknownFileChecksumFuncName) {
      return std::move(file.file_checksum);
    }
  }
  return absl::NotFoundError(name);
}

}  // namespace

std::vector<std::string> ListTableFiles(rocksdb::DB* database) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database->GetLiveFilesMetaData(&files);
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const rocksdb::LiveFileMetaData& file : files) names.push_back(file.relative_filename);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status VerifyTableFile(rocksdb::DB* database, const std::string& name) {
  const absl::StatusOr<std::string> expected = ChecksumOf(database, name);
  if (!expected.ok()) return absl::OkStatus();
  rocksdb::FileChecksumGenContext context;
  context.file_name = name;
  const std::unique_ptr<rocksdb::FileChecksumGenerator> generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(context);
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status read =
      database->GetEnv()->NewSequentialFile(absl::StrCat(database->GetName(), "/", name), &file, rocksdb::EnvOptions());
  std::string buffer(kPieceBytes, '\0');
  for (rocksdb::Slice piece; read.ok();) {
    read = file->Read(buffer.size(), &piece, buffer.data());
    if (!read.ok() || piece.empty()) break;
    generator->Update(piece.data(), piece.size());
  }
  if (!read.ok()) {
    // Whatever became of a file that is needed no more.
    return ChecksumOf(database, name).ok() ? ReadFailure(absl::StrCat("the file ", name), read) : absl::OkStatus();
  }
  generator->Finalize();
  if (generator->GetChecksum() == *expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the file ", name, " has the checksum ",
                                          absl::BytesToHexString(generator->GetChecksum()), " instead of ",
                                          absl::BytesToHexString(*expected), ", with which it was written"));
}

}  // namespace eventstore
