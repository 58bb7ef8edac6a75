#include "services/trustctl/call_verb.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/file_text.h"
#include "services/trustctl/json_fault.h"
#include "services/trustctl/methods.h"
#include "services/trustctl/table.h"

namespace trustctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

void ListMethods(const Console& console) {
  Table table({{"service"}, {"method"}, {"request"}, {"response"}});
  for (const MethodDescriptor* const method : AllMethods()) {
    if (console.json) {
      console.out << "{\"method\":\"" << method->full_name() << "\"}\n";
      continue;
    }
    table.Add({method->service()->full_name(), method->name(),
               absl::StrCat(method->client_streaming() ? "stream " : "", method->input_type()->name()),
               absl::StrCat(method->server_streaming() ? "stream " : "", method->output_type()->name())});
  }
  table.Print(console);
}

// The requests as text: what was written, or what a file or the standard input holds.
absl::StatusOr<std::string> RequestText(const Invocation& invocation) {
  if (invocation.arguments.size() < 2) return std::string("{}");
  const std::string& written = invocation.arguments[1];
  if (written != "-" && (written.empty() || written[0] != '@')) return written;
  const std::string path = written == "-" ? written : written.substr(1);
  absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", text.status().message()));
  return text;
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// The requests in the wire's form: one, or, where the method takes a stream of them, one a line.
absl::StatusOr<std::vector<std::string>> ParseRequests(const MethodDescriptor& method, const std::string& text) {
  std::vector<std::string> parts = {text};
  if (method.client_streaming()) parts = absl::StrSplit(text, '\n');
  std::vector<std::string> requests;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (method.client_streaming() && absl::StripAsciiWhitespace(parts[i]).empty()) continue;
    const std::unique_ptr<Message> request = NewMessage(method.input_type());
    const auto status = google::protobuf::util::JsonStringToMessage(parts[i], request.get());
    if (!status.ok()) {
      const auto fault = status.message();
      return UsageError(
          absl::StrCat(method.client_streaming() ? absl::StrCat("line ", i + 1, " of the requests") : "the request",
                       " is no JSON of ", method.input_type()->full_name(), ": ",
                       Printable(JsonFault(absl::string_view(fault.data(), fault.size())))));
    }
    requests.push_back(request->SerializeAsString());
  }
  return requests;
}

absl::Status Print(const MethodDescriptor& method, absl::string_view bytes, const Console& console) {
  const std::unique_ptr<Message> response = NewMessage(method.output_type());
  if (!response->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(absl::StrCat("what the server answered is no ", method.output_type()->full_name()));
  }
  if (console.json || method.server_streaming()) {
    PrintJson(*response, console.out);
  } else {
    PrintIndentedJson(*response, console.out);
  }
  console.out.flush();
  // Or a stream would run on although nobody sees it.
  return console.out ? absl::OkStatus() : absl::DataLossError("the answer could not be written to the standard output");
}

absl::Status RunCall(const Invocation& invocation, Session& session) {
  if (invocation.arguments.empty()) {
    ListMethods(session.console);
    return absl::OkStatus();
  }
  const absl::StatusOr<const MethodDescriptor*> method = FindMethod(invocation.arguments[0]);
  if (!method.ok()) return method.status();
  const absl::StatusOr<std::string> text = RequestText(invocation);
  if (!text.ok()) return text.status();
  const absl::StatusOr<std::vector<std::string>> requests = ParseRequests(**method, *text);
  if (!requests.ok()) return requests.status();
  absl::Status printed;
  const absl::Status called = session.connection.Call(**method, *requests, [&](absl::string_view response) {
    printed = Print(**method, response, session.console);
    return printed.ok();
  });
  return called.ok() ? printed : called;
}

}  // namespace

Verb CallVerb() {
  Verb verb;
  verb.syntax.name = "call";
  verb.syntax.arguments = "[METHOD [JSON]]";
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "call any method of the server";
  verb.syntax.description =
      "Calls METHOD with JSON as its request and prints the answer: indented, or one object a line with --json and "
      "where the answer is a stream. Without METHOD it lists all methods. The service may stand before the method "
      "(TrustService.AssessTrust).\n\n"
      "JSON is the request as protobuf JSON; without it the request is empty. @FILE reads it from a file, - from the "
      "standard input. A method that takes a stream of requests takes one a line.";
  verb.syntax.examples = {"trustctl call", "trustctl call GetPartnership '{\"partnership\": \"klm-northwest\"}'",
                          "trustctl call PublishPolicy @policy-request.json",
                          "trustctl call WatchEvents '{\"partnership\": \"klm-northwest\"}'"};
  verb.run = RunCall;
  return verb;
}

}  // namespace trustctl
