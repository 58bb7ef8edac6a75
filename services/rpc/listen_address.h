// The addresses that a server may be told to listen on. Pure.

#ifndef SERVICES_RPC_LISTEN_ADDRESS_H_
#define SERVICES_RPC_LISTEN_ADDRESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace rpc {

// OK for HOST:PORT with a port of 0 to 65535, 0 being any that is free; the host may be empty, which is every address,
// and one of IPv6 stands in brackets. Errors: INVALID_ARGUMENT, which names flag and says what would be right.
absl::Status CheckTcpAddress(absl::string_view flag, absl::string_view address);

// The same, and OK for unix:PATH.
absl::Status CheckListenAddress(absl::string_view flag, absl::string_view address);

// Whether only programs of this machine reach it: a socket in the file system, 127.0.0.0/8, [::1] or localhost. Of
// names no other counts, wherever it leads today.
bool IsLocalAddress(absl::string_view address);

}  // namespace rpc

#endif  // SERVICES_RPC_LISTEN_ADDRESS_H_
