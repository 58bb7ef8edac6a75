// The server's own log: one JSON object a line on standard error, for operators. Nothing personal and no payload goes
// in. Thread-safe.

#ifndef SERVICES_LOG_H_
#define SERVICES_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace services {

enum class LogLevel { kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<std::string, std::string>>;

// Writes one line: level, message and the fields in their order.
void Log(LogLevel level, absl::string_view message, const LogFields& fields = {});

}  // namespace services

#endif  // SERVICES_LOG_H_
