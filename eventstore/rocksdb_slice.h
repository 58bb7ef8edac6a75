// RocksDB's views of bytes and Abseil's, each as the other. Neither copies: the bytes live as long as those that were
// given.

#ifndef EVENTSTORE_ROCKSDB_SLICE_H_
#define EVENTSTORE_ROCKSDB_SLICE_H_

#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"

namespace eventstore {

inline rocksdb::Slice AsSlice(absl::string_view bytes) { return rocksdb::Slice(bytes.data(), bytes.size()); }
inline absl::string_view AsView(const rocksdb::Slice& bytes) { return absl::string_view(bytes.data(), bytes.size()); }

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_SLICE_H_
