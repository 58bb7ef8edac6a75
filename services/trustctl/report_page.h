// A report as one HTML file that needs nothing beside itself: its security policy lets in no network, no image and no
// script or style but the three that are in it, by their digests. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_PAGE_H_
#define SERVICES_TRUSTCTL_REPORT_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/trustctl/report_sections.h"

namespace trustctl {

// The page. chart_data: JSON as report_chart_data.h makes it.
std::string ReportPage(const std::string& title, const std::string& subtitle,
                       const std::vector<ReportSection>& sections, absl::string_view chart_data);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_PAGE_H_
