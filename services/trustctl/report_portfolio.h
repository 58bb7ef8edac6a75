// The parts of a report on all partnerships that are read; as report_sections.h has them for one. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_PORTFOLIO_H_
#define SERVICES_TRUSTCTL_REPORT_PORTFOLIO_H_

#include <string>
#include <vector>

#include "services/trustctl/report_reading.h"
#include "services/trustctl/report_sections.h"

namespace trustctl {

// "Stages", "Stages over time", and so on.
std::vector<ReportSection> PortfolioSections(const PortfolioReport& report);

// What the report is about, as one line below its heading.
std::string PortfolioSubtitle(const PortfolioReport& report);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_PORTFOLIO_H_
