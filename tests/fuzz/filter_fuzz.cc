// What a request for events asks for. Promised: a wrong field is named, and the refusal fits into an answer however
// much is wrong; a filter passes what its fields say, and nothing else; filters with one text pass the same.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/limits.h"
#include "services/event_filter.h"
#include "services/event_list.h"
#include "services/system_stream.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/history_service.pb.h"

namespace {

using fuzz::Require;
using trust::v1::ListEventsRequest;
using trust::v1::WatchEventsRequest;

template <class Texts>
bool Has(const Texts& texts, absl::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// What a filter should pass, in the plainest words.
template <class Request>
bool ShouldPass(const Request& request, absl::string_view stream, absl::string_view type) {
  bool of_stream = request.include_system() || !eventstore::IsSystemStream(stream) || services::IsAlwaysShown(stream);
  if constexpr (requires { request.partnerships(); }) {
    if (!request.partnerships().empty()) of_stream = Has(request.partnerships(), stream);
  }
  bool of_kind = request.kinds().empty();
  for (const std::string& kind : request.kinds()) {
    const std::string group = absl::StrCat(absl::StripSuffix(kind, "."), ".");
    const bool is_group = group == "evidence." || group == "milestone.";
    of_kind = of_kind || (is_group ? absl::StartsWith(type, group) : type == kind);
  }
  return of_stream && of_kind;
}

template <class Request>
services::EventFilter Check(const Request& request) {
  services::QueryChecks checks;
  services::EventFilter filter = services::EventFilter::Of(request, checks);
  const absl::Status verdict = checks.Verdict();
  fuzz::RequireFits(verdict);
  if (!verdict.ok()) return filter;
  const std::vector<absl::string_view> streams = {"alpha", "beta", "$policies", "$overrides", request.partnership()};
  std::vector<absl::string_view> types = {"unknown", "evidence.unknown", "evidence", "milestone.unknown"};
  for (const std::string& kind : services::EventKinds()) types.push_back(kind);
  for (const absl::string_view stream : streams) {
    if (stream.empty()) continue;
    for (const absl::string_view type : types) {
      Require(filter.MayPass(stream, type) == ShouldPass(request, stream, type), "a filter passes what its fields say");
    }
  }
  trust::v1::Event event;
  event.set_recorder(request.recorder());
  Require(!request.organization().empty() || filter.Passes(event), "an event of the recorder passes");
  Require(filter.GoesByRecord() == (request.organization().empty() && request.recorder().empty()),
          "the payload is looked at for organizations alone");
  return filter;
}

template <class Request>
void CheckRequest(absl::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  if constexpr (requires { services::Check(request); }) fuzz::RequireFits(services::Check(request));
  const services::EventFilter filter = Check(request);
  // In another order it is the same filter.
  std::reverse(request.mutable_kinds()->begin(), request.mutable_kinds()->end());
  Require(Check(request).Text() == filter.Text(), "the order of kinds says nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  if (input.Pick(2) == 0) {
    CheckRequest<ListEventsRequest>(input.Rest());
  } else {
    CheckRequest<WatchEventsRequest>(input.Rest());
  }
  return 0;
}
