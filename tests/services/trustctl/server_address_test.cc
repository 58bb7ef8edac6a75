#include "services/trustctl/server_address.h"

#include "gtest/gtest.h"

namespace trustctl {
namespace {

TEST(ServerAddressTest, AHostAndAPortOrASocketAreAnAddress) {
  for (const char* address : {"127.0.0.1:50051", "a:1", "trust.example.com:443", "[::1]:65535", "[2001:db8::7]:1",
                              "trustd_1:50051", "unix:/run/trustd.sock", "unix:trustd.sock", "dns:///a.example:1"}) {
    EXPECT_TRUE(IsServerAddress(address)) << address;
  }
}

TEST(ServerAddressTest, AnythingElseIsNone) {
  for (const char* address :
       {"",         "here",  ":",           ":50051",       "a:",    "a:0",       "a:65536", "a:123456",
        "a:b",      "a:-1",  "a:+1",        "a:1 # office", "a b:1", "::1:50051", "[::1]",   "[::1:50051",
        "[here]:1", "a:1/x", "http://a:1/", "user@a:1",     "unix:", "unix:a b",  "a:1\n"}) {
    EXPECT_FALSE(IsServerAddress(address)) << address;
  }
}

TEST(ServerAddressTest, OnlyThisVeryMachineIsLoopback) {
  for (const char* address :
       {"127.0.0.1:50051", "127.9.8.7:1", "localhost:1", "LocalHost:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "unix:/x"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
  for (const char* address :
       {"127.evil.example:1", "127.0.0.1.evil.example:1", "localhost.evil.example:1", "127.1:1", "128.0.0.1:1",
        "[::1].evil.example:1", "[::2]:1", "[::1]evil:1", "example.com:1", "127.0.0.1", "dns:///localhost:1"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

}  // namespace
}  // namespace trustctl
