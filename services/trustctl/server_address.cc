#include "services/trustctl/server_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace trustctl {
namespace {

// How gRPC is told where to look for a name. What is behind it is left to gRPC.
constexpr absl::string_view kSchemes[] = {"unix:", "unix-abstract:", "dns:", "ipv4:", "ipv6:"};

struct HostPort {
  std::string host;
  bool in_brackets = false;
};

bool IsPort(absl::string_view text) {
  int port = 0;
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

bool IsHostCharacter(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_'; }

// HOST and PORT apart, when it is written so.
std::optional<HostPort> HostPortOf(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || !IsPort(address.substr(colon + 1))) return std::nullopt;
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) {
    in6_addr bytes{};
    const bool closed = absl::ConsumeSuffix(&host, "]");
    HostPort parts{std::string(host), true};
    if (!closed || inet_pton(AF_INET6, parts.host.c_str(), &bytes) != 1) return std::nullopt;
    return parts;
  }
  if (host.empty() || !std::all_of(host.begin(), host.end(), IsHostCharacter)) return std::nullopt;
  return HostPort{std::string(host), false};
}

}  // namespace

bool IsServerAddress(absl::string_view address) {
  if (HostPortOf(address).has_value()) return true;
  for (absl::string_view scheme : kSchemes) {
    absl::string_view rest = address;
    if (absl::ConsumePrefix(&rest, scheme)) {
      return !rest.empty() && std::none_of(rest.begin(), rest.end(), absl::ascii_isspace);
    }
  }
  return false;
}

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  const std::optional<HostPort> parts = HostPortOf(address);
  if (!parts.has_value()) return false;
  if (parts->in_brackets) {
    in6_addr bytes{};
    return inet_pton(AF_INET6, parts->host.c_str(), &bytes) == 1 && IN6_IS_ADDR_LOOPBACK(&bytes);
  }
  if (absl::EqualsIgnoreCase(parts->host, "localhost")) return true;
  in_addr bytes{};
  constexpr uint32_t kLoopbackNet = 127;
  return inet_pton(AF_INET, parts->host.c_str(), &bytes) == 1 && ntohl(bytes.s_addr) >> 24 == kLoopbackNet;
}

}  // namespace trustctl
