// What happened in a simulation, line by line, as one hash: two runs that differ anywhere have different ones.
// Not thread-safe.

#ifndef TESTS_SIMULATION_TRACE_H_
#define TESTS_SIMULATION_TRACE_H_

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "eventstore/sha256_stream.h"

namespace simulation {

class Trace {
 public:
  // verbose: the lines are printed as well.
  explicit Trace(bool verbose) : verbose_(verbose) {}

  template <class... Parts>
  void Add(const Parts&... parts) {
    const std::string line = absl::StrCat(parts..., "\n");
    hash_.Add(line);
    ++lines_;
    if (verbose_) std::fputs(line.c_str(), stdout);
  }

  // SHA-256 of all lines so far, in hexadecimal.
  std::string Hash() const { return hash_.Hex(); }
  int lines() const { return lines_; }

 private:
  const bool verbose_;
  int lines_ = 0;
  eventstore::Sha256Stream hash_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_TRACE_H_
