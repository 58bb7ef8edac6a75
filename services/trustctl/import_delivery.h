// Delivers checked items over ImportHistory calls: in batches, with a bounded number of items that wait for their
// results, and again from the first item without a result when the server was overloaded or away. Repeating is safe
// because an import stores nothing twice. Knows no gRPC and no terminal.

#ifndef SERVICES_TRUSTCTL_IMPORT_DELIVERY_H_
#define SERVICES_TRUSTCTL_IMPORT_DELIVERY_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/trustctl/import_call.h"
#include "services/trustctl/import_spool.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

struct DeliveryLimits {
  size_t batch_items_max = 200;
  size_t batch_bytes_max = 512 << 10;  // Of one message; no item is larger (import_line.h).
  size_t waiting_items_max = 3200;     // Sent or about to be, without a result yet.
  size_t waiting_bytes_max = 8 << 20;
  int attempts_max = 10;  // Calls in a row that brought no result.
};

struct DeliveryPorts {
  std::function<std::unique_ptr<ImportCall>()> open;
  // Called once for each item, in order, from one other thread while DeliverImport runs.
  std::function<void(const SpooledItem&, const trust::v1::ImportResult&)> receive;
  // Called before a call is repeated: why, and how long it is waited before.
  std::function<void(const absl::Status&, absl::Duration)> retry;
  std::function<void(absl::Duration)> sleep;
};

// Sends the spool's items, which is rewound, and returns when every item has a result. Blocks. Errors: how the last
// call ended; INTERNAL when the server's results do not match the items; what the spool says. Items that were given to
// receive have their result all the same.
absl::Status DeliverImport(ImportSpool* spool, const DeliveryLimits& limits, const DeliveryPorts& ports);

// Whether repeating the call can help: the server says so, or is away.
bool IsWorthRepeating(const absl::Status& status);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_DELIVERY_H_
