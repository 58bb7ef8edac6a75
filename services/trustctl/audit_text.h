// The lines of an audit bundle as text: protobuf JSON with the fields' own names. A line has one text, so that what it
// says can be checked by writing it again. Pure; thread-safe.

#ifndef SERVICES_TRUSTCTL_AUDIT_TEXT_H_
#define SERVICES_TRUSTCTL_AUDIT_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trust/v1/audit_bundle.pb.h"

namespace trustctl {

// The line without a line feed.
std::string TextOf(const trust::v1::AuditLine& line);

// Reads a line that a program or a person wrote. Errors: INVALID_ARGUMENT saying what is wrong.
absl::Status ParseLine(absl::string_view text, trust::v1::AuditLine* line);

// Whether a text is that of a record line, by its beginning.
bool IsRecordText(absl::string_view text);

// What a record line says that does not follow from the stored bytes, and these.
struct RecordParts {
  int64_t log_index = 0;
  std::string record;
  std::vector<std::string> proof;
};

// Finds the parts in a text as TextOf writes it, without reading the rest. False for any other text.
bool FindRecordParts(absl::string_view text, RecordParts* parts);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_AUDIT_TEXT_H_
