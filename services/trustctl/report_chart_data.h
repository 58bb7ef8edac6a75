// What the script of a report page draws, as JSON: an object whose shape report_page.js describes. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_CHART_DATA_H_
#define SERVICES_TRUSTCTL_REPORT_CHART_DATA_H_

#include <string>
#include <vector>

#include "services/trustctl/report_evidence.h"
#include "services/trustctl/report_reading.h"

namespace trustctl {

// In one line, without a line feed.
std::string PartnershipChartData(const PartnershipReport& report, const std::vector<ReportedEvent>& evidence,
                                 const std::vector<Promise>& promises);
std::string PortfolioChartData(const PortfolioReport& report);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_CHART_DATA_H_
