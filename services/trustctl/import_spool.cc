#include "services/trustctl/import_spool.h"

#include <cerrno>

namespace trustctl {
namespace {

// Stands before each item's bytes. The file is read by the process that wrote it and no other.
struct Header {
  int64_t line;
  uint32_t bytes;
  int32_t file;
};

absl::Status SpoolError() { return absl::ErrnoToStatus(errno, "the temporary file for checked items"); }

}  // namespace

absl::StatusOr<ImportSpool> ImportSpool::Create() {
  std::FILE* const file = std::tmpfile();
  if (file == nullptr) return SpoolError();
  return ImportSpool(file);
}

absl::Status ImportSpool::Add(const SpooledItem& item) {
  if (!item.item.SerializeToString(&buffer_)) return absl::InternalError("an item cannot be serialized");
  const Header header{item.line, static_cast<uint32_t>(buffer_.size()), item.file};
  if (std::fwrite(&header, sizeof(header), 1, file_.get()) != 1) return SpoolError();
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) return SpoolError();
  ++size_;
  return absl::OkStatus();
}

absl::Status ImportSpool::Rewind() {
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) return SpoolError();
  return absl::OkStatus();
}

absl::StatusOr<bool> ImportSpool::Next(SpooledItem* item) {
  if (taken_ == size_) return false;
  Header header{};
  if (std::fread(&header, sizeof(header), 1, file_.get()) != 1) return SpoolError();
  buffer_.resize(header.bytes);
  if (std::fread(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) return SpoolError();
  if (!item->item.ParseFromString(buffer_)) return absl::InternalError("a checked item cannot be read back");
  item->file = header.file;
  item->line = header.line;
  ++taken_;
  return true;
}

}  // namespace trustctl
