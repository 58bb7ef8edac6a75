// A log with partnerships, policies and issued assessments, and audit bundles of it, for the tests of their check.

#ifndef TESTS_SERVICES_TRUSTCTL_AUDIT_BUNDLE_H_
#define TESTS_SERVICES_TRUSTCTL_AUDIT_BUNDLE_H_

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "eventstore/signing_key.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "services/assessment.h"
#include "services/audit_export.h"
#include "services/checkpointer.h"
#include "services/trustctl/audit_check.h"
#include "services/trustctl/audit_file.h"
#include "services/trustctl/audit_text.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/projections/random_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/stored_log.h"

namespace trustctl {

// A log under a key of its own.
class AuditedLog {
 public:
  explicit AuditedLog(uint32_t seed)
      : random(seed),
        key(eventstore::SigningKey::Generate("log.example.com").value()),
        checkpointer({}, &store, &clock, key, std::nullopt) {}

  // Three partnerships with their events in turn, two policies, and assessments of two of them.
  void Fill(int events) {
    trust::v1::PolicyDocument heavier = projections::DefaultPolicy()->document();
    heavier.set_version("heavier/1");
    heavier.set_loss_permille(2500);
    const std::string sha256 = log.Publish(projections::CanonicalText(heavier), projections::DayOn("2019-01-01"));
    random.Fill(events);
    for (const trust::v1::Event& event : random.log.events()) {
      for (const char* partnership : {"x", "y", "z"}) {
        if (event.revision() > 3 && random.Chance(30)) continue;
        log.Append(partnership, event);
      }
      if (event.revision() == 20) log.Activate(sha256, random.first_contact());
      if (event.revision() > 3 && random.Chance(10)) {
        Issue(random.Chance(70) ? "x" : "y", random.Chance(50), random.Chance(30) ? "heavier/1" : "");
      }
    }
  }

  void Issue(const std::string& partnership, bool whole, const std::string& policy) {
    trust::v1::IssueAssessmentRequest request;
    request.set_partnership(partnership);
    request.set_recorder("a");
    request.set_assessment(absl::StrCat("r", ++issued));
    if (!whole) request.set_trustor("a");
    if (!whole) request.set_trustee("b");
    request.set_policy(policy);
    const projections::Day as_of = random.first_contact() + random.Below(2000);
    *request.mutable_as_of_time() = projections::ToTimestamp(projections::StartOf(as_of));
    const auto made = services::MakeAssessment(request, store, policies, projections::StartOf(as_of));
    ASSERT_TRUE(made.ok()) << made.status();
    trust::v1::Event event = support::StoredLog::On(as_of);
    *event.mutable_assessment_issued() = made->assessment;
    log.Append(partnership, event);
  }

  // All messages of an export, made in pieces of about so many bytes.
  absl::StatusOr<services::AuditExport::Messages> Export(const trust::v1::ExportAuditRequest& request,
                                                         size_t piece_bytes = 4096) {
    services::AuditExport exported(&store, &checkpointer, &policies, &clock, request);
    services::AuditExport::Messages messages;
    while (!exported.ended()) {
      const absl::Status next = exported.Next(piece_bytes, &messages);
      if (!next.ok()) return next;
    }
    return messages;
  }

  projections::RandomLog random;
  eventstore::MemoryStore store;
  services::PolicyRegistry policies;
  support::StoredLog log{&store, {&policies}};
  support::FakeClock clock{absl::UnixEpoch()};
  eventstore::SigningKey key;
  services::Checkpointer checkpointer;
  int issued = 0;
};

// A bundle as text, which can be changed.
struct BundleText {
  std::vector<std::string> lines;

  trust::v1::AuditLine Line(size_t index) const {
    trust::v1::AuditLine line;
    EXPECT_TRUE(ParseLine(lines[index], &line).ok()) << lines[index];
    return line;
  }

  std::string Whole() const {
    std::string whole;
    for (const std::string& line : lines) absl::StrAppend(&whole, line, "\n");
    return whole;
  }

  // Makes the end right again, as whoever changed the bundle would.
  void Seal() {
    trust::v1::AuditLine end;
    std::string before;
    int64_t records = 0, assessments = 0;
    for (size_t i = 0; i + 1 < lines.size(); ++i) {
      absl::StrAppend(&before, lines[i], "\n");
      if (absl::StartsWith(lines[i], "{\"record\":")) ++records;
      if (absl::StartsWith(lines[i], "{\"assessment\":")) ++assessments;
    }
    end.mutable_end()->set_record_count(records);
    end.mutable_end()->set_assessment_count(assessments);
    end.mutable_end()->set_sha256(eventstore::Sha256Hex(before));
    lines.back() = TextOf(end);
  }
};

// A directory with a bundle in it.
class BundleTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return absl::StrCat(directory_.path(), "/", name); }

  static std::string Content(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
  }

  void Write(const std::string& file, const std::string& content) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  }

  BundleText Export(AuditedLog& log, const std::string& partnership) {
    trust::v1::ExportAuditRequest request;
    request.set_partnership(partnership);
    const auto messages = log.Export(request);
    EXPECT_TRUE(messages.ok()) << messages.status();
    std::filesystem::remove(path("bundle"));
    const auto file = AuditFile::Open(path("bundle"));
    EXPECT_TRUE(file.ok()) << file.status();
    for (const trust::v1::ExportAuditResponse& message : *messages) {
      if (!message.has_line()) continue;
      EXPECT_TRUE((*file)->Add(message.line()).ok());
    }
    EXPECT_TRUE((*file)->Complete().ok());
    BundleText bundle;
    bundle.lines = absl::StrSplit(Content(path("bundle")), '\n');
    EXPECT_EQ(bundle.lines.back(), "");
    bundle.lines.pop_back();
    return bundle;
  }

  AuditReport Check(const std::string& content, const AuditTrust& trust) {
    Write(path("checked"), content);
    const absl::StatusOr<AuditReport> report = CheckBundle(path("checked"), trust, [](int64_t, int64_t) {});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : AuditReport();
  }

  static std::string Words(const AuditReport& report) {
    std::string words;
    for (const AuditFinding& finding : report.findings)
      absl::StrAppend(&words, finding.line, ": ", finding.words, "\n");
    return words;
  }

  eventstore::TempDirectory directory_;
};

}  // namespace trustctl

#endif  // TESTS_SERVICES_TRUSTCTL_AUDIT_BUNDLE_H_
