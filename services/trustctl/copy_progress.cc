#include "services/trustctl/copy_progress.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "services/trustctl/progress_bar.h"

namespace trustctl {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(250);

}  // namespace

int64_t BytesIn(const std::string& directory) {
  int64_t bytes = 0;
  std::error_code error;
  // Files come and go meanwhile: what cannot be looked at counts nothing.
  for (std::filesystem::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code of_file;
    const auto size = at->is_regular_file(of_file) ? at->file_size(of_file) : 0;
    if (!of_file) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

CopyProgress::CopyProgress(const Console& console, std::string work, std::string directory, int64_t byte_total)
    : console_(console), work_(std::move(work)), directory_(std::move(directory)), byte_total_(byte_total) {
  if (console_.shows_progress) thread_ = std::thread([this] { Follow(); });
}

CopyProgress::~CopyProgress() {
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void CopyProgress::Follow() {
  ProgressBar bar(console_, work_, byte_total_);
  absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&done_), kBetweenLooks)) bar.Update(BytesIn(directory_));
}

}  // namespace trustctl
