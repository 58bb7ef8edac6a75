#include "services/rpc/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rpc {
namespace {

constexpr int kPortMax = 65535;

bool IsPort(absl::string_view text) {
  int port = 0;
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port <= kPortMax;
}

// What stands before the port.
absl::string_view HostOf(absl::string_view address) {
  const size_t colon = address.rfind(':');
  return colon == absl::string_view::npos ? absl::string_view() : address.substr(0, colon);
}

bool IsBracketed(absl::string_view host) { return absl::StartsWith(host, "[") && absl::EndsWith(host, "]"); }

}  // namespace

absl::Status CheckTcpAddress(absl::string_view flag, absl::string_view address) {
  const absl::string_view host = HostOf(address);
  const size_t colon = address.rfind(':');
  const bool whole_host = IsBracketed(host) || !absl::StrContains(host, ":");
  if (colon != absl::string_view::npos && whole_host && IsPort(address.substr(colon + 1))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", address,
                                                 " is no address; write HOST:PORT, as in 127.0.0.1:50051 or "
                                                 "[::1]:50051, with a port of 0 to ",
                                                 kPortMax));
}

absl::Status CheckListenAddress(absl::string_view flag, absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return absl::OkStatus();
  const absl::Status status = CheckTcpAddress(flag, address);
  return status.ok() ? status : absl::InvalidArgumentError(absl::StrCat(status.message(), "; or unix:PATH"));
}

bool IsLocalAddress(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  const absl::string_view host = HostOf(address);
  if (host == "localhost" || host == "[::1]") return true;
  in_addr parsed = {};
  return inet_pton(AF_INET, std::string(host).c_str(), &parsed) == 1 && ntohl(parsed.s_addr) >> 24 == 127;
}

}  // namespace rpc
