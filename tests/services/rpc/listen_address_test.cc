#include "services/rpc/listen_address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rpc {
namespace {

using testing::HasSubstr;

TEST(ListenAddressTest, HostAndPortAreAnAddress) {
  for (const char* address : {"127.0.0.1:50051", "localhost:0", "[::1]:65535", ":50051", "alliances.example.com:1"}) {
    EXPECT_TRUE(CheckTcpAddress("listen", address).ok()) << address;
    EXPECT_TRUE(CheckListenAddress("listen", address).ok()) << address;
  }
  EXPECT_TRUE(CheckListenAddress("listen", "unix:/run/trustd.socket").ok());
}

TEST(ListenAddressTest, WhatIsNoAddressIsNamedWithWhatWouldBeRight) {
  for (const char* address : {"", "50051", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:99999", "h:-1",
                              "h:+1", "h: 1", "h:http", "h:000001", "::1:50051"}) {
    const absl::Status status = CheckListenAddress("listen", address);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(status.message()), HasSubstr("write HOST:PORT"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("unix:PATH"));
  }
  EXPECT_FALSE(CheckTcpAddress("metrics_listen", "unix:/run/trustd.socket").ok());
}

TEST(ListenAddressTest, OnlyThisMachineIsLocal) {
  for (const char* address : {"127.0.0.1:1", "127.255.0.9:1", "localhost:1", "[::1]:1", "unix:/x"}) {
    EXPECT_TRUE(IsLocalAddress(address)) << address;
  }
  for (const char* address : {"127.evil.example:1", "127.0.0.1.example.com:1", "localhost.example.com:1", "0.0.0.0:1",
                              ":1", "[::]:1", "128.0.0.1:1", "[::2]:1", "127:1"}) {
    EXPECT_FALSE(IsLocalAddress(address)) << address;
  }
}

}  // namespace
}  // namespace rpc
