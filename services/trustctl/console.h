// Where a verb prints, and how: answers to out, everything about them to err. Holds what is known of the terminal
// behind them.

#ifndef SERVICES_TRUSTCTL_CONSOLE_H_
#define SERVICES_TRUSTCTL_CONSOLE_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace trustctl {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool json = false;            // Print answers as JSON instead of tables.
  bool color = false;           // Colour tables.
  int width = 0;                // The columns of the terminal; 0 when out is not one: then nothing is wrapped.
  bool shows_progress = false;  // err is a terminal, so that a bar can be drawn on it.
  bool utf8 = false;            // The locale's characters are those of UTF-8.
};

// Finds out about the terminal behind stdout and stderr. color is auto, always or never. Both streams must outlive the
// result.
Console OpenConsole(std::ostream& out, std::ostream& err, absl::string_view color, bool json);

// The message as protobuf JSON in one line, without a line feed.
std::string JsonOf(const google::protobuf::Message& message);

// Prints the message as protobuf JSON in one line.
void PrintJson(const google::protobuf::Message& message, std::ostream& out);

// The same over several lines, indented.
void PrintIndentedJson(const google::protobuf::Message& message, std::ostream& out);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONSOLE_H_
