// Numbers of the server with a name and a meaning, as they are shown to who watches it, whatever the form.

#ifndef SERVICES_METRIC_FAMILY_H_
#define SERVICES_METRIC_FAMILY_H_

#include <string>
#include <utility>
#include <vector>

#include "services/meters.h"

namespace services {

struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels;  // Values from fixed lists alone.
  double value = 0;                                         // Of a counter or a gauge.
  HistogramReading histogram;                               // Of a histogram.
};

struct MetricFamily {
  enum class Type { kCounter, kGauge, kHistogram };

  std::string name;  // As Prometheus names things: trustd_lane_commit_seconds.
  std::string help;
  Type type = Type::kGauge;
  double unit = 1;  // What bounds and sum of a histogram are divided by: 1e9 for nanoseconds told as seconds.
  std::vector<MetricSample> samples;
};

}  // namespace services

#endif  // SERVICES_METRIC_FAMILY_H_
