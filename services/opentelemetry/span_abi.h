// What trustd and the module that sends its spans know of each other: C, and as little as can be, so that trustd
// depends on no library of OpenTelemetry. A change of anything here is a new kTrustdSpanAbi. Texts end with a zero and
// live as long as the call that they are given to; none is null.

#ifndef SERVICES_OPENTELEMETRY_SPAN_ABI_H_
#define SERVICES_OPENTELEMETRY_SPAN_ABI_H_

#include <stdint.h>

extern "C" {

inline constexpr uint32_t kTrustdSpanAbi = 1;
inline constexpr char kTrustdSpanModuleSymbol[] = "trustd_span_module";

struct TrustdSpanConfig {
  const char* endpoint;  // The whole URL of a collector: http://127.0.0.1:4318/v1/traces.
  const char* version;   // Of trustd.
  uint64_t waiting_max;  // More spans are never given to the module than were not told of by done.
  // Called on a thread of the module, with how many spans are done with: sent where error is null, lost otherwise.
  void (*done)(void* context, uint64_t spans, const char* error);
  void* context;
};

// A call that ended. What a call lacks is an empty text.
struct TrustdSpan {
  const char* service;    // trust.v1.TrustService
  const char* method;     // AssessTrust
  const char* trace_id;   // 32 hexadecimal digits; empty: the span begins a trace of its own.
  const char* parent_id;  // 16 hexadecimal digits; empty where trace_id is.
  int64_t start_unix_ns;
  int64_t duration_ns;
  int32_t code;           // Of gRPC.
  const char* code_name;  // DEADLINE_EXCEEDED
  const char* reason;     // Of the error, as callers are told.
  const char* request_id;
  const char* log_position;  // Of what a command recorded.
};

struct TrustdSpanModule {
  uint32_t abi;  // First, whatever the version.
  // Begins to send. done and context live until close has returned.
  void* (*open)(const TrustdSpanConfig* config);
  // Never blocks for the network. Thread-safe; not after close.
  void (*take)(void* sender, const TrustdSpan* span);
  // Sends what waits, until one batch fails, and ends.
  void (*close)(void* sender);
};

// The module's one function, by the name in kTrustdSpanModuleSymbol. What it returns lives as long as the module.
using TrustdSpanModuleFunction = const TrustdSpanModule* (*)();

}  // extern "C"

#endif  // SERVICES_OPENTELEMETRY_SPAN_ABI_H_
