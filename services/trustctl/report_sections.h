// The parts of a report on one partnership that are read: text and tables, with an empty frame where a chart will be
// drawn. All of it can be read without the charts. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_SECTIONS_H_
#define SERVICES_TRUSTCTL_REPORT_SECTIONS_H_

#include <string>
#include <vector>

#include "services/trustctl/html.h"
#include "services/trustctl/report_evidence.h"
#include "services/trustctl/report_reading.h"

namespace trustctl {

struct ReportSection {
  std::string id;  // Of ours; a link of the contents leads to it.
  std::string heading;
  Html content;
};

// "At a glance", "Stages over time", and so on. evidence and promises are those of report.events.
std::vector<ReportSection> PartnershipSections(const PartnershipReport& report,
                                               const std::vector<ReportedEvent>& evidence,
                                               const std::vector<Promise>& promises);

// What the report is about, as one line below its heading.
std::string PartnershipSubtitle(const PartnershipReport& report);

// The frame of the chart of that name: hidden until something is drawn into it.
Html ChartFrame(const std::string& name, const std::string& description);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_SECTIONS_H_
