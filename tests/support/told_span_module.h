// A module in place of trustd-opentelemetry.so, which does what a test tells it: it keeps what it takes, and says what
// became of spans when it is told to. The test finds it by told_span_module, a function of this type, in the same file.

#ifndef TESTS_SUPPORT_TOLD_SPAN_MODULE_H_
#define TESTS_SUPPORT_TOLD_SPAN_MODULE_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "services/opentelemetry/span_abi.h"

namespace support {

struct ToldSpanModule {
  std::mutex mutex;
  std::vector<std::string>
      taken;  // Guarded by mutex. The fields of a span, one space between them, - for an empty one.
  std::string endpoint;
  int opened = 0;
  int closed = 0;
  void (*done)(void* context, uint64_t spans, const char* error) = nullptr;
  void* context = nullptr;
};

using ToldSpanModuleFunction = ToldSpanModule* (*)();

}  // namespace support

#endif  // TESTS_SUPPORT_TOLD_SPAN_MODULE_H_
