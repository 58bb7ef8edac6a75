#include "services/rpc/acceptor.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rpc {
namespace {

constexpr int kBacklog = 1024;
constexpr int kPauseMs = 100;  // Without descriptors: until some connection has ended.

constexpr absl::string_view kElsewhere =
    "the address may be in use or not be one of this machine's: stop what listens there or choose another with "
    "--listen";
constexpr absl::string_view kPrivileged =
    "a port below 1024 needs the capability CAP_NET_BIND_SERVICE: grant it or choose another with --listen";

absl::Status CannotListen(absl::string_view address, absl::string_view why, absl::string_view remedy = kElsewhere) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why, "; ", remedy));
}

// The address of the other side without its port.
std::string PeerOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return std::string(reinterpret_cast<const char*>(&v4.sin_addr), sizeof(v4.sin_addr));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    return std::string(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof(v6.sin6_addr));
  }
  return "";
}

uint16_t PortOf(int listener) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address, const ConnectionLimits& limits) {
  auto acceptor = std::unique_ptr<Acceptor>(new Acceptor(limits));
  absl::string_view path = address;
  const absl::Status listening =
      absl::ConsumePrefix(&path, "unix:") ? acceptor->ListenUnix(std::string(path)) : acceptor->ListenTcp(address);
  if (!listening.ok()) return listening;
  acceptor->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (acceptor->wake_ < 0) return CannotListen(address, strerror(errno));
  return acceptor;
}

absl::Status Acceptor::ListenUnix(const std::string& path) {
  address_ = absl::StrCat("unix:", path);
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(name.sun_path)) {
    return CannotListen(address_, absl::StrCat("a path has 1 to ", sizeof(name.sun_path) - 1, " bytes"));
  }
  memcpy(name.sun_path, path.data(), path.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return CannotListen(address_, strerror(errno));
  listeners_.push_back(listener);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&name);
  if (bind(listener, generic, sizeof(name)) != 0) {
    struct stat attributes = {};
    const int error = errno;
    const bool is_socket = error == EADDRINUSE && lstat(path.c_str(), &attributes) == 0 && S_ISSOCK(attributes.st_mode);
    if (!is_socket) return CannotListen(address_, strerror(error));
    // A server that was killed leaves its socket; one that lives answers.
    const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const bool deserted = probe >= 0 && connect(probe, generic, sizeof(name)) != 0 && errno == ECONNREFUSED;
    if (probe >= 0) close(probe);
    if (!deserted || unlink(path.c_str()) != 0 || bind(listener, generic, sizeof(name)) != 0) {
      return CannotListen(address_, strerror(EADDRINUSE));
    }
  }
  unix_path_ = path;
  if (listen(listener, kBacklog) != 0) return CannotListen(address_, strerror(errno));
  return absl::OkStatus();
}

absl::Status Acceptor::ListenTcp(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string host(absl::StripPrefix(absl::StripSuffix(address.substr(0, colon), "]"), "["));
  std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  addrinfo wanted = {};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &wanted, &found);
  if (result != 0) return CannotListen(address, gai_strerror(result));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  std::string why = "it has no address";
  absl::string_view remedy = kElsewhere;
  uint16_t taken = 0;
  for (addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int listener = socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) {
      why = strerror(errno);
      continue;
    }
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // Each family by itself: the name stands for both where it has both.
    if (one->ai_family == AF_INET6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    // A free port of the first address is taken of the others too.
    if (taken != 0 && one->ai_family == AF_INET6)
      reinterpret_cast<sockaddr_in6*>(one->ai_addr)->sin6_port = htons(taken);
    if (taken != 0 && one->ai_family == AF_INET) reinterpret_cast<sockaddr_in*>(one->ai_addr)->sin_port = htons(taken);
    if (bind(listener, one->ai_addr, one->ai_addrlen) != 0 || listen(listener, kBacklog) != 0) {
      const int error = errno;
      why = strerror(error);
      remedy = error == EACCES ? kPrivileged : kElsewhere;
      close(listener);
      // In use is in use, also when only of one of the addresses; a family that the machine lacks is left out.
      if (error == EADDRINUSE) return CannotListen(address, why);
      continue;
    }
    listeners_.push_back(listener);
    taken = PortOf(listener);
  }
  if (listeners_.empty()) return CannotListen(address, why, remedy);
  address_ = absl::StrCat(address.substr(0, colon), ":", taken);
  return absl::OkStatus();
}

Acceptor::~Acceptor() {
  Stop();
  if (wake_ >= 0) close(wake_);
}

void Acceptor::Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_side) {
  server_side_ = std::move(server_side);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    static_cast<void>(!write(wake_, &one, sizeof(one)));
    thread_.join();
  }
  for (const int listener : listeners_) close(listener);
  listeners_.clear();
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
  unix_path_.clear();
}

void Acceptor::Run() {
  std::vector<pollfd> watched;
  for (const int listener : listeners_) watched.push_back({listener, POLLIN, 0});
  watched.push_back({wake_, POLLIN, 0});
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0) continue;  // Interrupted.
    if (watched.back().revents != 0) return;
    for (const pollfd& one : watched) {
      if (one.fd != wake_ && (one.revents & POLLIN) != 0) Take(one.fd);
    }
  }
}

void Acceptor::Take(int listener) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  // Not blocking: one that blocks would hold up the thread of gRPC that reads it.
  const int connection = accept4(listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;  // The peer has gone.
    pollfd stop = {wake_, POLLIN, 0};
    poll(&stop, 1, kPauseMs);
    return;
  }
  const std::string peer = PeerOf(address);
  if (open_.size() >= limits_.connections_max || peers_[peer] >= limits_.connections_per_peer_max) ForgetClosed();
  struct stat attributes = {};
  if (open_.size() >= limits_.connections_max || peers_[peer] >= limits_.connections_per_peer_max ||
      fstat(connection, &attributes) != 0) {
    close(connection);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const int on = 1;
  if (address.ss_family != AF_UNIX) setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // The descriptor of a connection that has ended comes again.
  const auto before = open_.find(connection);
  if (before != open_.end()) {
    const auto counted = peers_.find(before->second.peer);
    if (counted != peers_.end() && --counted->second == 0) peers_.erase(counted);
  }
  open_.insert_or_assign(connection, Open{attributes.st_ino, peer});
  ++peers_[peer];
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  server_side_->HandleNewConnection(&parameters);
}

void Acceptor::ForgetClosed() {
  peers_.clear();
  for (auto one = open_.begin(); one != open_.end();) {
    struct stat attributes = {};
    const bool same =
        fstat(one->first, &attributes) == 0 && attributes.st_ino == one->second.socket && S_ISSOCK(attributes.st_mode);
    if (same) {
      ++peers_[one->second.peer];
      ++one;
    } else {
      open_.erase(one++);
    }
  }
}

}  // namespace rpc
