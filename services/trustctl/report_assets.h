// What every report page carries: the library that draws (D3, as the distribution packages it), its licence, and our
// own script and style. Embedded by the build (report_assets.cmake).

#ifndef SERVICES_TRUSTCTL_REPORT_ASSETS_H_
#define SERVICES_TRUSTCTL_REPORT_ASSETS_H_

namespace trustctl {

extern const char kReportLibrary[];
extern const char kReportLicence[];
extern const char kReportScript[];
extern const char kReportStyle[];

// The SHA-256 of each, in hexadecimal, by which the page's security policy lets it in.
extern const char kReportLibrarySha256[];
extern const char kReportScriptSha256[];
extern const char kReportStyleSha256[];

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_ASSETS_H_
