// What a server shows of itself and asks of its peers, in each of the ways in which it may be reached.

#ifndef SERVICES_RPC_SERVER_CREDENTIALS_H_
#define SERVICES_RPC_SERVER_CREDENTIALS_H_

#include <memory>
#include <string>

#include "grpcpp/security/server_credentials.h"
#include "services/clock.h"
#include "services/identity/guard.h"
#include "services/rpc/call_meter.h"

namespace rpc {

struct TlsFiles {
  std::string identity;               // Certificates and key in one file; read again when it changes.
  std::string authorities;            // Whose certificates peers may show; empty: peers show none.
  bool certificate_required = false;  // A peer without one is refused in the handshake.
};

// TLS 1.2 or later. A certificate that the guard does not take ends the handshake, and the meter knows of it. All
// outlive it.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files, const identity::Guard* guard,
                                                            const services::Clock* clock, CallMeter* meter);

// Plain text on this machine, with a guard for the calls: gRPC refuses peers on other machines by itself.
std::shared_ptr<grpc::ServerCredentials> MakeLocalCredentials(bool unix_socket);

}  // namespace rpc

#endif  // SERVICES_RPC_SERVER_CREDENTIALS_H_
