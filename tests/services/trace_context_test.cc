#include "services/trace_context.h"

#include <string>

#include "gtest/gtest.h"

namespace services::trace_context_tests {

constexpr char kWhole[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContextTest, TheIdsOfATraceparentAreRead) {
  const auto trace = ParseTraceParent(kWhole);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->parent_span_id(), "00f067aa0ba902b7");
}

TEST(TraceContextTest, TheLowestBitOfTheFlagsSaysWhetherItIsSampled) {
  for (int flags = 0; flags < 256; ++flags) {
    std::string traceparent = kWhole;
    traceparent[53] = "0123456789abcdef"[flags / 16];
    traceparent[54] = "0123456789abcdef"[flags % 16];
    ASSERT_TRUE(ParseTraceParent(traceparent).has_value()) << traceparent;
    EXPECT_EQ(IsSampled(traceparent), flags % 2 == 1) << traceparent;
  }
}

TEST(TraceContextTest, OfANewerVersionIsReadWhatThisOneHas) {
  const std::string newer = "cc" + std::string(kWhole).substr(2);
  EXPECT_TRUE(ParseTraceParent(newer).has_value());
  EXPECT_TRUE(ParseTraceParent(newer + "-what-comes-later").has_value());
  EXPECT_FALSE(ParseTraceParent(newer + ".what-comes-later").has_value());
  EXPECT_FALSE(ParseTraceParent(std::string(kWhole) + "-more").has_value()) << "version 00 has nothing more";
}

TEST(TraceContextTest, WhatIsMalformedIsNone) {
  for (const char* text : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
           " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(ParseTraceParent(text).has_value()) << text;
  }
}

TEST(TraceContextTest, WhicheverByteIsChangedToNoDigitNothingIsRead) {
  for (size_t i = 0; i + 1 < sizeof(kWhole); ++i) {
    std::string changed = kWhole;
    changed[i] = changed[i] == '-' ? '0' : 'X';
    EXPECT_FALSE(ParseTraceParent(changed).has_value()) << changed;
  }
}

}  // namespace services::trace_context_tests
