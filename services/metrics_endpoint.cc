#include "services/metrics_endpoint.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "prometheus/metric_family.h"

namespace services {
namespace {

constexpr char kThreads[] = "2";
constexpr char kRequestTimeoutMs[] = "10000";  // So that a caller that says nothing holds a thread no longer.
constexpr auto kKnockInterval = std::chrono::milliseconds(10);

prometheus::MetricType TypeOf(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::kCounter:
      return prometheus::MetricType::Counter;
    case MetricFamily::Type::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricFamily::Type::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram HistogramOf(const HistogramReading& reading, double unit) {
  prometheus::ClientMetric::Histogram histogram;
  for (size_t i = 0; i < reading.counts.size(); ++i) {
    histogram.sample_count += reading.counts[i];
    const double bound = i < reading.bounds.size() ? static_cast<double>(reading.bounds[i]) / unit
                                                   : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = static_cast<double>(reading.sum) / unit;
  return histogram;
}

class ShownFamilies final : public prometheus::Collectable {
 public:
  explicit ShownFamilies(std::function<std::vector<MetricFamily>()> read) : read_(std::move(read)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> collected;
    for (const MetricFamily& family : read_()) {
      prometheus::MetricFamily& shown = collected.emplace_back();
      shown.name = family.name;
      shown.help = family.help;
      shown.type = TypeOf(family.type);
      for (const MetricSample& sample : family.samples) {
        prometheus::ClientMetric& metric = shown.metric.emplace_back();
        for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
        if (family.type == MetricFamily::Type::kHistogram)
          metric.histogram = HistogramOf(sample.histogram, family.unit);
        metric.counter.value = sample.value;
        metric.gauge.value = sample.value;
      }
    }
    return collected;
  }

 private:
  const std::function<std::vector<MetricFamily>()> read_;
};

// Begins a connection and drops it.
void Knock(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string host(absl::StripPrefix(absl::StripSuffix(address.substr(0, colon), "]"), "["));
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &wanted, &found) != 0) return;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  const int connection = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection < 0) return;
  static_cast<void>(connect(connection, found->ai_addr, found->ai_addrlen));
  close(connection);
}

class Endpoint final : public MetricsEndpoint {
 public:
  // The library throws what says why it cannot listen.
  Endpoint(const std::string& address, std::function<std::vector<MetricFamily>()> read)
      : families_(std::make_shared<ShownFamilies>(std::move(read))),
        exposer_(std::make_unique<prometheus::Exposer>(std::vector<std::string>{
            "listening_ports", address, "num_threads", kThreads, "request_timeout_ms", kRequestTimeoutMs})) {
    const std::vector<int> ports = exposer_->GetListeningPorts();
    address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":", ports.empty() ? 0 : ports.front());
    exposer_->RegisterCollectable(families_);
  }

  // The library's thread looks every two seconds whether it is to end, and whenever somebody comes.
  ~Endpoint() override {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    std::thread end([&] {
      exposer_ = nullptr;
      const std::lock_guard<std::mutex> lock(mutex);
      ended = true;
      changed.notify_one();
    });
    for (std::unique_lock<std::mutex> lock(mutex); !ended;) {
      lock.unlock();
      Knock(address_);
      lock.lock();
      changed.wait_for(lock, kKnockInterval, [&] { return ended; });
    }
    end.join();
  }

  const std::string& address() const override { return address_; }

 private:
  const std::shared_ptr<ShownFamilies> families_;  // Shared with the library, which asks whether it is still there.
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::string address_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Listen(
    const std::string& address, std::function<std::vector<MetricFamily>()> read) {
  try {
    return std::make_unique<Endpoint>(address, std::move(read));
  } catch (const std::exception&) {  // Of the cause it tells nothing.
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address,
                     " for metrics; the address may be in use, not be one of this machine's, or have a port below "
                     "1024, which needs the capability CAP_NET_BIND_SERVICE: choose another with --metrics_listen"));
  }
}

}  // namespace services
