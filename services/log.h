// The server's own log: one JSON object a line on standard error, for operators. Nothing personal and no payload goes
// in. Thread-safe. What may come in floods passes a LogLimit first.

#ifndef SERVICES_LOG_H_
#define SERVICES_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace services {

enum class LogLevel { kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<std::string, std::string>>;

// The line as it is written, with its line feed: time (RFC 3339, UTC, to the millisecond), level, message, and the
// fields in their order, all of them strings. Bytes that are not UTF-8 become U+FFFD. Pure.
std::string LogLine(absl::Time time, LogLevel level, absl::string_view message, const LogFields& fields);

// Writes one line with the time of the machine's clock.
void Log(LogLevel level, absl::string_view message, const LogFields& fields = {});

}  // namespace services

#endif  // SERVICES_LOG_H_
