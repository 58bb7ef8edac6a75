// Takes connections for a gRPC server, in place of gRPC's own listener: which never accepts again once the process has
// run out of file descriptors (CVE-2023-4785 in the packaged version), and knows no bound. One thread. Beyond the
// bounds a connection is closed at once.

#ifndef SERVICES_RPC_ACCEPTOR_H_
#define SERVICES_RPC_ACCEPTOR_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_builder.h"

namespace rpc {

struct ConnectionLimits {
  size_t connections_max = 4096;
  size_t connections_per_peer_max = 1024;  // Of one address; those of a socket on the machine all count as one.
};

class Acceptor {
 public:
  // Listens on HOST:PORT, where a name stands for all its addresses, or unix:PATH, where a socket that nobody listens
  // on is taken away. Port 0 takes a free one. Errors: UNAVAILABLE, saying why.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& address, const ConnectionLimits& limits);
  ~Acceptor();  // As Stop.
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // The address, with the port that was taken.
  const std::string& address() const { return address_; }

  // Hands connections to a server that has started; server_side is what AddExternalConnectionAcceptor returned.
  void Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_side);
  // Takes no more connections; those that were taken go on. Before the server's shutdown. Blocks. Idempotent.
  void Stop();

  // Connections that were closed at once since the start, because of the bounds.
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  // One that was handed over: as long as its descriptor is the same socket.
  struct Open {
    ino_t socket;
    std::string peer;
  };

  explicit Acceptor(const ConnectionLimits& limits) : limits_(limits) {}

  absl::Status ListenUnix(const std::string& path);
  absl::Status ListenTcp(const std::string& address);
  void Run();
  void Take(int listener);
  void ForgetClosed();

  const ConnectionLimits limits_;
  std::string address_, unix_path_;
  std::vector<int> listeners_;
  int wake_ = -1;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_side_;
  absl::flat_hash_map<int, Open> open_;             // By descriptor. The thread's alone.
  absl::flat_hash_map<std::string, size_t> peers_;  // How many of open_ each has. The thread's alone.
  std::atomic<uint64_t> refused_{0};
  std::thread thread_;
};

}  // namespace rpc

#endif  // SERVICES_RPC_ACCEPTOR_H_
