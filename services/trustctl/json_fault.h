// What is wrong with JSON that protobuf cannot read, in a sentence. Pure.

#ifndef SERVICES_TRUSTCTL_JSON_FAULT_H_
#define SERVICES_TRUSTCTL_JSON_FAULT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace trustctl {

// message is that of the status which protobuf's JSON parser returned. What it quotes of the input is not made
// printable.
std::string JsonFault(absl::string_view message);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_JSON_FAULT_H_
