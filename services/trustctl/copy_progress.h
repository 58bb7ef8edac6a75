// A bar beside a copy that itself does not tell how far it is: it follows the bytes that stand in the target directory.

#ifndef SERVICES_TRUSTCTL_COPY_PROGRESS_H_
#define SERVICES_TRUSTCTL_COPY_PROGRESS_H_

#include <cstdint>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/trustctl/console.h"

namespace trustctl {

// The bytes of the files in a directory and below; 0 when there is none.
int64_t BytesIn(const std::string& directory);

// Draws while it lives, from a thread of its own that it joins; nothing where console.err is no terminal. Nobody else
// may print on console.err meanwhile.
class CopyProgress {
 public:
  // console must outlive it.
  CopyProgress(const Console& console, std::string work, std::string directory, int64_t byte_total);
  ~CopyProgress();
  CopyProgress(const CopyProgress&) = delete;
  CopyProgress& operator=(const CopyProgress&) = delete;

 private:
  void Follow();

  const Console& console_;
  const std::string work_;
  const std::string directory_;
  const int64_t byte_total_;
  absl::Mutex mutex_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COPY_PROGRESS_H_
