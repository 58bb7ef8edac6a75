// Where Prometheus reads the server's numbers: GET /metrics, plain HTTP, on two threads of its own. The one place that
// knows the library that does it.

#ifndef SERVICES_METRICS_ENDPOINT_H_
#define SERVICES_METRICS_ENDPOINT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/metric_family.h"

namespace services {

class MetricsEndpoint {
 public:
  // Listens on HOST:PORT; port 0 takes a free one. read is called at each request, on a thread of the endpoint; what it
  // reads outlives the endpoint. Errors: UNAVAILABLE, saying why.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Listen(const std::string& address,
                                                                 std::function<std::vector<MetricFamily>()> read);

  virtual ~MetricsEndpoint() = default;  // Waits for requests under way.

  // The address, with the port that was taken.
  virtual const std::string& address() const = 0;
};

}  // namespace services

#endif  // SERVICES_METRICS_ENDPOINT_H_
