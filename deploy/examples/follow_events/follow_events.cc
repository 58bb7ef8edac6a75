// Follows the events of a trustd into a file, a JSON object a line: each event once, in the order of the log, for ever.
//
//     follow_events SERVER OUTPUT [PARTNERSHIP]
//
// Ends on SIGTERM or SIGINT. It may be killed at any moment, and so may the server: started again with the same
// arguments it goes on where it was. How: beside OUTPUT stands OUTPUT.position, which names the place in the log that
// OUTPUT holds everything up to, and how long OUTPUT was then. First the lines are made durable, then the position, by
// a rename, which happens or does not. What stands in OUTPUT behind that length, when the program starts, was written
// by one that died in between: it is cut off, and comes again.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "trust/v1/history_service.grpc.pb.h"

namespace {

using trust::v1::WatchEventsResponse;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "follow_events: %s\n", what.c_str());
  std::exit(1);
}

[[noreturn]] void FailAt(const std::string& path) {
  std::perror(("follow_events: " + path).c_str());
  std::exit(1);
}

void WriteAll(int file, const std::string& bytes, const std::string& path) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = write(file, bytes.data() + done, bytes.size() - done);
    if (written < 0) FailAt(path);
    done += static_cast<size_t>(written);
  }
}

void Sync(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags);
  if (file < 0 || fsync(file) != 0) FailAt(path);
  close(file);
}

// The file of events and the place in the log that it stands for, kept together.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path), state_path_(path + ".position") {
    off_t length = 0;
    if (std::ifstream state(state_path_); state) {
      // A place comes from the server as one word; "-" stands for none.
      if (!(state >> position_ >> length)) Fail(state_path_ + " is damaged; move it and the output away to begin anew");
      if (position_ == "-") position_.clear();
    }
    file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    struct stat facts;
    if (file_ < 0 || fstat(file_, &facts) != 0) FailAt(path);
    if (facts.st_size < length) Fail(path + " is shorter than " + state_path_ + " says; move both away to begin anew");
    if (ftruncate(file_, length) != 0) FailAt(path);
    length_ = length;
  }

  const std::string& position() const { return position_; }

  // Adds lines and moves to the position, or does neither.
  void Take(const std::string& lines, const std::string& position) {
    if (!lines.empty()) {
      WriteAll(file_, lines, path_);
      if (fsync(file_) != 0) FailAt(path_);
      length_ += static_cast<off_t>(lines.size());
    }
    position_ = position;
    const std::string fresh = state_path_ + ".new";
    const int state = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (state < 0) FailAt(fresh);
    WriteAll(state, (position_.empty() ? "-" : position_) + " " + std::to_string(length_) + "\n", fresh);
    if (fsync(state) != 0) FailAt(fresh);
    close(state);
    if (rename(fresh.c_str(), state_path_.c_str()) != 0) FailAt(state_path_);
    const size_t slash = path_.rfind('/');
    Sync(slash == std::string::npos ? "." : path_.substr(0, slash + 1), O_RDONLY | O_DIRECTORY);
  }

 private:
  const std::string path_, state_path_;
  std::string position_;
  int file_ = -1;
  off_t length_ = 0;
};

// Worth trying again; every other status means that the request or the log is wrong, and no repetition mends that.
bool Passes(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
      return true;
    default:
      return false;
  }
}

// Takes in what one call tells, until it ends. *told says whether that was anything.
grpc::Status Follow(const std::string& server, const std::string& partnership, Output& output, bool* told) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(8 << 20);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A dead connection says nothing; pings find that out.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  const auto stub = trust::v1::HistoryService::NewStub(
      grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments));
  trust::v1::WatchEventsRequest request;
  request.set_partnership(partnership);
  request.set_after_position(output.position());
  grpc::ClientContext context;
  // For servers that record who reads histories.
  if (const char* const reader = std::getenv("TRUSTCTL_READER")) context.AddMetadata("trust-reader", reader);
  const auto stream = stub->WatchEvents(&context, request);
  google::protobuf::util::JsonPrintOptions names;
  names.preserve_proto_field_names = true;
  for (WatchEventsResponse message; stream->Read(&message);) {
    *told = true;
    std::string lines;
    for (const trust::v1::Event& event : message.events().events()) {
      std::string line;
      if (!google::protobuf::util::MessageToJsonString(event, &line, names).ok()) Fail("an event is no JSON");
      lines += line + "\n";
    }
    // A heartbeat names the place that we have.
    if (!lines.empty() || message.resume_position() != output.position()) {
      output.Take(lines, message.resume_position());
    }
  }
  return stream->Finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: follow_events SERVER OUTPUT [PARTNERSHIP]\n");
    return 2;
  }
  // It may be killed at any moment, so it may as well end at once when it is asked to.
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, [](int) { _exit(0); });
  Output output(argv[2]);
  constexpr std::chrono::milliseconds kPauseMin{100}, kPauseMax{5'000};
  for (std::chrono::milliseconds pause = kPauseMin;; pause = std::min(2 * pause, kPauseMax)) {
    bool told = false;
    const grpc::Status status = Follow(argv[1], argc > 3 ? argv[3] : "", output, &told);
    if (!Passes(status)) Fail(status.error_message());
    if (told) pause = kPauseMin;
    std::this_thread::sleep_for(pause);
  }
}
