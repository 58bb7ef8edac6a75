// Where a server listens, as people write it: HOST:PORT or unix:PATH. Pure.

#ifndef SERVICES_TRUSTCTL_SERVER_ADDRESS_H_
#define SERVICES_TRUSTCTL_SERVER_ADDRESS_H_

#include "absl/strings/string_view.h"

namespace trustctl {

// Whether it is written as HOST:PORT, an IPv6 address in brackets, the port from 1 to 65535; as unix:PATH; or as one of
// the other names that gRPC resolves, such as dns:///HOST:PORT. Whether there is such a host is not asked.
bool IsServerAddress(absl::string_view address);

// Whether it is of this very machine for certain: a socket with a path, an address of 127.0.0.0/8 or ::1, or localhost.
// Other names may mean any machine.
bool IsLoopback(absl::string_view address);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SERVER_ADDRESS_H_
