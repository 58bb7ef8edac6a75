// How the files stand that say who is who: whether what they hold now was taken, and when it ends. IdentityFiles writes
// it, metrics and AdminService read it. Thread-safe.

#ifndef SERVICES_IDENTITY_STANDING_H_
#define SERVICES_IDENTITY_STANDING_H_

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace services {

class IdentityStanding {
 public:
  struct Files {
    std::string which;               // certificate, authorities, revocations, permissions or token_keys.
    bool taken = true;               // False: they hold what is not right, and what they held before counts.
    std::optional<absl::Time> ends;  // What counts; nothing where it does not end.
  };

  // What these files hold is right, counts from now on, and ends then.
  void Taken(const std::string& which, std::optional<absl::Time> ends = std::nullopt) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Of(which) = {which, true, ends};
  }

  // Whether what they hold now counts; when that which counts ends stays as it was.
  void Mark(const std::string& which, bool taken) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Of(which).taken = taken;
  }

  // All that were ever named, in the order in which they were.
  std::vector<Files> Read() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return files_;
  }

 private:
  // REQUIRES: mutex_ held.
  Files& Of(const std::string& which) {
    for (Files& files : files_) {
      if (files.which == which) return files;
    }
    files_.push_back({which, true, std::nullopt});
    return files_.back();
  }

  mutable std::mutex mutex_;
  std::vector<Files> files_;  // Guarded by mutex_.
};

}  // namespace services

#endif  // SERVICES_IDENTITY_STANDING_H_
