// SHA-256 (FIPS 180-4) of bytes that come one after the other. Not thread-safe. Does not block.

#ifndef EVENTSTORE_SHA256_STREAM_H_
#define EVENTSTORE_SHA256_STREAM_H_

#include <string>

#include "absl/strings/string_view.h"
#include "eventstore/sha256.h"

struct evp_md_ctx_st;

namespace eventstore {

class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(absl::string_view bytes);

  // The hash of all bytes so far, in 64 lower-case hexadecimal digits; more may follow.
  std::string Hex() const;

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_SHA256_STREAM_H_
