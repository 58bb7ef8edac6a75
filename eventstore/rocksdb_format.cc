#include "eventstore/rocksdb_format.h"

#include <algorithm>
#include <cstdarg>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "eventstore/key_layout.h"
#include "eventstore/rocksdb_status.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"

namespace eventstore {
namespace {

class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// The format version of a store that this program cannot open; in words where it cannot be read, either.
std::string FormatThere(const std::string& directory, rocksdb::DBOptions options) {
  options.info_log = std::make_shared<NoLog>();  // RocksDB would begin a file for it.
  const std::vector<rocksdb::ColumnFamilyDescriptor> family = {
      {rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, directory, family, &handles, &opened).ok()) return "unknown";
  const std::unique_ptr<rocksdb::DB> database(opened);
  std::string value;
  const bool found = database->Get(rocksdb::ReadOptions(), handles[0], kFormatKey, &value).ok();
  database->DestroyColumnFamilyHandle(handles[0]).PermitUncheckedError();
  const std::optional<uint64_t> version = found ? DecodeNumber(value) : std::nullopt;
  return version.has_value() ? absl::StrCat(*version) : "unknown";
}

absl::Status WrittenByANewerProgram(const std::string& directory, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the store in ", directory, " has ", what, ", and this program knows up to format version ", kFormatVersion,
      ": a newer program wrote it. Start that program; or restore a backup from before the upgrade into another "
      "directory, and serve that one. Nothing was changed"));
}

}  // namespace

absl::StatusOr<FamiliesThere> CheckFamilies(const std::string& directory, const EngineOptions& engine) {
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(*engine.database, directory, &names);
  if (!status.ok()) return ReadFailure(absl::StrCat("the store in ", directory), status);
  for (const std::string& name : names) {
    if (std::none_of(engine.families.begin(), engine.families.end(),
                     [&](const rocksdb::ColumnFamilyDescriptor& family) { return family.name == name; })) {
      return WrittenByANewerProgram(
          directory, absl::StrCat("format version ", FormatThere(directory, *engine.database), " and a family ", name,
                                  " that this program does not know"));
    }
  }
  FamiliesThere there;
  there.tree = std::find(names.begin(), names.end(), engine.families[kTreeFamily].name) != names.end();
  there.all_of_version_1 = names.size() + (there.tree ? 0 : 1) == engine.families.size();
  return there;
}

absl::StatusOr<uint64_t> ReadFormat(const FamiliesThere& there, rocksdb::DB* database,
                                    absl::Span<rocksdb::ColumnFamilyHandle* const> families) {
  std::string value;
  const rocksdb::Status status = database->Get(CachedRead(), families[kFormatFamily], kFormatKey, &value);
  if (!status.ok() && !status.IsNotFound()) return ReadFailure("the store's format version", status);
  if (status.ok()) {
    const std::optional<uint64_t> version = DecodeNumber(value);
    if (!version || *version == 0) return absl::DataLossError("the store's format version is damaged");
    if (*version > kFormatVersion) {
      return WrittenByANewerProgram(database->GetName(), absl::StrCat("format version ", *version));
    }
    if (!there.all_of_version_1 || (*version > kFormatVersionWithoutTree && !there.tree)) {
      return absl::DataLossError("the store has a format version, but not all its families");
    }
    return *version;
  }
  // No version: new, or made by a process that died before it had stored anything.
  for (const Family family : {kLogFamily, kStreamsFamily, kHeadsFamily, kRowsFamily, kTreeFamily}) {
    const std::unique_ptr<rocksdb::Iterator> it(database->NewIterator(LongScan(), families[family]));
    it->SeekToFirst();
    if (it->Valid()) return absl::DataLossError("the store holds data, but its format version is missing");
    if (!it->status().ok()) return ReadFailure("the store", it->status());
  }
  const rocksdb::Status written =
      database->Put(DurableWrite(), families[kFormatFamily], kFormatKey, EncodeNumber(kFormatVersion));
  if (!written.ok()) return absl::UnavailableError(absl::StrCat("the store cannot be made: ", written.ToString()));
  return kFormatVersion;
}

}  // namespace eventstore
