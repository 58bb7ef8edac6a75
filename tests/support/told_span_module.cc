#include "tests/support/told_span_module.h"

namespace {

support::ToldSpanModule& Module() {
  static support::ToldSpanModule module;
  return module;
}

void* Open(const TrustdSpanConfig* config) {
  support::ToldSpanModule& module = Module();
  module.endpoint = config->endpoint;
  module.done = config->done;
  module.context = config->context;
  ++module.opened;
  return &module;
}

void Take(void* sender, const TrustdSpan* span) {
  auto& module = *static_cast<support::ToldSpanModule*>(sender);
  std::string line = std::string(span->service) + "/" + span->method;
  for (const char* field :
       {span->trace_id, span->parent_id, span->code_name, span->reason, span->request_id, span->log_position}) {
    line.append(" ").append(*field == '\0' ? "-" : field);
  }
  const std::lock_guard<std::mutex> lock(module.mutex);
  module.taken.push_back(line);
}

void Close(void* sender) { ++static_cast<support::ToldSpanModule*>(sender)->closed; }

constexpr TrustdSpanModule kModule = {TOLD_SPAN_ABI, Open, Take, Close};

}  // namespace

extern "C" const TrustdSpanModule* trustd_span_module() { return &kModule; }
extern "C" support::ToldSpanModule* told_span_module() { return &Module(); }
