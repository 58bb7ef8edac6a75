// What a verification of a store finds, as lines of text. Thread-safe.

#ifndef TESTS_EVENTSTORE_FINDINGS_H_
#define TESTS_EVENTSTORE_FINDINGS_H_

#include <string>
#include <vector>

#include "eventstore/log_verifier.h"
#include "gtest/gtest.h"

namespace eventstore {

inline LogVerifier::Report Verify(const EventStore& store, uint64_t budget = 1000) {
  LogVerifier verifier(&store);
  while (!verifier.done()) {
    const absl::Status status = verifier.Step(budget);
    EXPECT_TRUE(status.ok()) << status;
    if (!status.ok()) break;
  }
  EXPECT_EQ(verifier.progress().records, verifier.progress().log_size);
  return verifier.report();
}

inline std::vector<std::string> Problems(const LogVerifier::Report& report) {
  std::vector<std::string> problems;
  for (const LogFinding& finding : report.findings) problems.push_back(finding.problem);
  return problems;
}

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_FINDINGS_H_
