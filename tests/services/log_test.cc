#include "services/log.h"

#include <string>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace services::log_tests {

constexpr absl::Time kTime = absl::FromUnixMillis(1'700'000'000'042);

// A line as a program that reads JSON sees it.
google::protobuf::Struct Parsed(const std::string& line) {
  google::protobuf::Struct object;
  const auto status = google::protobuf::util::JsonStringToMessage(line, &object);
  EXPECT_TRUE(status.ok()) << line;
  return object;
}

TEST(LogTest, ALineHasTimeLevelMessageAndFieldsInThatOrder) {
  EXPECT_EQ(
      LogLine(kTime, LogLevel::kWarning, "a caller was refused", {{"code", "UNAUTHENTICATED"}, {"left_out", "7"}}),
      "{\"time\":\"2023-11-14T22:13:20.042Z\",\"level\":\"warning\",\"message\":\"a caller was refused\","
      "\"code\":\"UNAUTHENTICATED\",\"left_out\":\"7\"}\n");
}

TEST(LogTest, WhateverAFieldHoldsALineIsOneJsonObject) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& text :
       {std::string("say \"so\" \\ \n\t\r"), every_byte, std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
        std::string("\xc3"), std::string("\xe2\x82"), std::string("\xc0\x80"), std::string("\xf0\x80\x80\x80")}) {
    const std::string line = LogLine(kTime, LogLevel::kError, text, {{"field", text}});
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(Parsed(line).fields().size(), 4u);
  }
}

TEST(LogTest, WhatIsUtf8IsKeptAndWhatIsNotIsMarked) {
  const std::string kept = "Zürich, 東京, \xf0\x9f\x98\x80 \xef\xbf\xbd";
  EXPECT_EQ(Parsed(LogLine(kTime, LogLevel::kInfo, kept, {})).fields().at("message").string_value(), kept);
  EXPECT_EQ(Parsed(LogLine(kTime, LogLevel::kInfo,
                           "a\xff"
                           "b\xc3",
                           {}))
                .fields()
                .at("message")
                .string_value(),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

}  // namespace services::log_tests
