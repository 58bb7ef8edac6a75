#include "services/trustctl/audit_check.h"

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "eventstore/sha256.h"
#include "eventstore/signed_note.h"
#include "gmock/gmock.h"
#include "tests/services/trustctl/audit_bundle.h"
#include "tests/support/test_seed.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

constexpr int kEvents = 40;

bool IsRecord(const std::string& line) { return absl::StartsWith(line, "{\"record\":"); }
bool IsPolicy(const std::string& line) { return absl::StartsWith(line, "{\"policy\":"); }
bool IsAssessment(const std::string& line) { return absl::StartsWith(line, "{\"assessment\":"); }

// Changes bundles as a forger would, who knows the format and makes all sums right again.
class Forger {
 public:
  Forger(uint32_t seed, BundleText bundle) : random_(seed), sound_(std::move(bundle)) {}

  // A forged bundle, and in words what was done to it.
  std::string Forge(std::string* what) {
    for (;;) {
      bundle_ = sound_;
      if (!Change(what)) continue;
      if (Chance(70)) {
        bundle_.Seal();
        *what += ", sealed";
      }
      if (bundle_.lines != sound_.lines) return bundle_.Whole();
    }
  }

 private:
  size_t Below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }

  // A line of a kind, and, in order that a bundle of a partnership can know that it is missing, not the last record.
  size_t Pick(const std::function<bool(const std::string&)>& fits) {
    std::vector<size_t> indexes;
    for (size_t i = 0; i < bundle_.lines.size(); ++i) {
      if (fits(bundle_.lines[i])) indexes.push_back(i);
    }
    return indexes.empty() ? 0 : indexes[Below(indexes.size())];
  }

  // Whether another record of its stream follows.
  bool HasSuccessor(size_t index) {
    const std::string stream = bundle_.Line(index).record().stream();
    for (size_t i = index + 1; i < bundle_.lines.size(); ++i) {
      if (IsRecord(bundle_.lines[i]) && bundle_.Line(i).record().stream() == stream) return true;
    }
    return false;
  }

  // How many lines a record takes with what follows it.
  size_t Span(size_t index) {
    const std::string& behind = bundle_.lines[index + 1];
    return IsPolicy(behind) || IsAssessment(behind) ? 2 : 1;
  }

  void Flip(std::string* bytes) {
    if (!bytes->empty()) (*bytes)[Below(bytes->size())] ^= static_cast<char>(1 << Below(8));
  }

  // Makes a record say something else, consistently: bytes, readable event, place.
  bool Rewrite(size_t index) {
    trust::v1::AuditLine line = bundle_.Line(index);
    eventstore::v1::Record record;
    if (!record.ParseFromString(line.record().record())) return false;
    trust::v1::Event payload;
    if (!payload.ParseFromString(record.data())) return false;
    payload.set_recorder(payload.recorder() == "b" ? "a" : "b");
    record.set_data(payload.SerializeAsString());
    line.mutable_record()->set_record(record.SerializeAsString());
    line.mutable_record()->mutable_event()->set_recorder(payload.recorder());
    bundle_.lines[index] = TextOf(line);
    return true;
  }

  bool Change(std::string* what) {
    auto& lines = bundle_.lines;
    switch (Below(14)) {
      case 0: {
        const size_t index = Pick(IsRecord);
        *what = absl::StrCat("rewrote line ", index + 1);
        return Rewrite(index);
      }
      case 1: {
        const size_t index = Pick(IsRecord);
        if (!HasSuccessor(index)) return false;
        *what = absl::StrCat("deleted the record of line ", index + 1);
        const auto begin = lines.begin() + static_cast<ptrdiff_t>(index);
        lines.erase(begin, begin + static_cast<ptrdiff_t>(Span(index)));
        return true;
      }
      case 2: {
        const size_t from = Pick(IsRecord), to = Pick(IsRecord);
        *what = absl::StrCat("inserted line ", from + 1, " again before ", to + 1);
        lines.insert(lines.begin() + static_cast<ptrdiff_t>(to), lines[from]);
        return true;
      }
      case 3: {
        const size_t a = Below(lines.size() - 1), b = Below(lines.size() - 1);
        *what = absl::StrCat("swapped lines ", a + 1, " and ", b + 1);
        std::swap(lines[a], lines[b]);
        return true;
      }
      case 4: {
        const size_t a = Pick(IsRecord), b = Pick(IsRecord);
        trust::v1::AuditLine one = bundle_.Line(a), other = bundle_.Line(b);
        if (one.record().proof().empty()) return false;
        *what = absl::StrCat("swapped the proofs of lines ", a + 1, " and ", b + 1);
        one.mutable_record()->mutable_proof()->Swap(other.mutable_record()->mutable_proof());
        lines[a] = TextOf(one);
        if (a != b) lines[b] = TextOf(other);
        return true;
      }
      case 5: {
        const size_t index = Pick(IsRecord);
        trust::v1::AuditLine line = bundle_.Line(index);
        *what = absl::StrCat("changed the readable event of line ", index + 1);
        trust::v1::Event& event = *line.mutable_record()->mutable_event();
        switch (Below(3)) {
          case 0:
            event.set_recorder("somebody-else");
            break;
          case 1:
            event.mutable_occur_time()->set_seconds(event.occur_time().seconds() + 86'400);
            break;
          case 2:
            event.set_revision(event.revision() + 1);
            break;
        }
        lines[index] = TextOf(line);
        return true;
      }
      case 6: {
        const size_t index = Pick(IsPolicy);
        trust::v1::AuditLine line = bundle_.Line(index);
        *what = absl::StrCat("changed the policy of line ", index + 1);
        trust::v1::AuditPolicy& policy = *line.mutable_policy();
        policy.set_document(absl::StrReplaceAll(policy.document(), {{"1000", "1001"}}));
        if (Chance(70)) policy.set_sha256(eventstore::Sha256Hex(policy.document()));
        lines[index] = TextOf(line);
        return true;
      }
      case 7: {
        const size_t index = Pick(IsAssessment);
        if (index == 0) return false;
        trust::v1::AuditLine line = bundle_.Line(index);
        *what = absl::StrCat("changed the assessment of line ", index + 1);
        trust::v1::AuditAssessment& assessment = *line.mutable_assessment();
        switch (Below(3)) {
          case 0:
            assessment.set_digest(eventstore::Sha256Hex("something else"));
            break;
          case 1:
            assessment.set_log_size(assessment.log_size() - 1);
            break;
          case 2:
            assessment.set_as_of_date("2001-01-01");
            break;
        }
        lines[index] = TextOf(line);
        return true;
      }
      case 8: {
        trust::v1::AuditLine line = bundle_.Line(0);
        *what = "changed the header";
        trust::v1::AuditHeader& header = *line.mutable_header();
        switch (Below(5)) {
          case 0:
            Flip(header.mutable_root());
            break;
          case 1:
            header.set_tree_size(header.tree_size() + (Chance(50) ? 1 : -1));
            break;
          case 2:
            header.set_checkpoint(absl::StrReplaceAll(header.checkpoint(), {{"log.example", "log.sample"}}));
            break;
          case 3:
            header.set_partnership(header.partnership() == "y" ? "z" : "y");
            break;
          case 4:
            header.set_format("trustd-audit/2");
            break;
        }
        lines[0] = TextOf(line);
        return true;
      }
      case 9: {
        const size_t index = Below(lines.size());
        *what = absl::StrCat("flipped a bit of line ", index + 1);
        Flip(&lines[index]);
        return lines[index].find('\n') == std::string::npos;
      }
      case 10: {
        const size_t index = Below(lines.size() - 1);
        *what = absl::StrCat("added a space to line ", index + 1);
        lines[index].insert(1, " ");
        return true;
      }
      case 11: {
        const size_t index = Pick(IsRecord);
        *what = absl::StrCat("said a thing twice in line ", index + 1);
        return absl::StrReplaceAll({{"\"event\":{", "\"event\":{\"recorder\":\"somebody-else\","}}, &lines[index]) > 0;
      }
      case 12: {
        const size_t index = 1 + Below(lines.size() - 2);
        if (IsRecord(lines[index])) return false;
        *what = absl::StrCat("deleted line ", index + 1);
        lines.erase(lines.begin() + static_cast<ptrdiff_t>(index));
        return true;
      }
      case 13: {
        // Moves a record on by one, with everything that says where it is.
        const size_t index = Pick(IsRecord);
        trust::v1::AuditLine line = bundle_.Line(index);
        eventstore::v1::Record record;
        if (!record.ParseFromString(line.record().record())) return false;
        *what = absl::StrCat("moved the record of line ", index + 1);
        record.set_position(record.position() + 1);
        line.mutable_record()->set_log_index(line.record().log_index() + 1);
        line.mutable_record()->set_record(record.SerializeAsString());
        lines[index] = TextOf(line);
        return true;
      }
    }
    return false;
  }

  std::mt19937 random_;
  const BundleText sound_;
  BundleText bundle_;
};

class AuditCheckTest : public BundleTest {};

TEST_F(AuditCheckTest, ABundleOfTheWholeLogHoldsAndItsAssessmentsRecompute) {
  const uint32_t seed = support::AnySeed();
  AuditedLog log(seed);
  log.Fill(kEvents);
  const BundleText bundle = Export(log, "");
  const AuditReport report = Check(bundle.Whole(), {log.key.verifier().Text(), ""});
  EXPECT_EQ(report.finding_count, 0) << Words(report);
  EXPECT_EQ(report.record_count, static_cast<int64_t>(log.store.LogSize()));
  EXPECT_EQ(report.stream_count, 4);
  EXPECT_EQ(report.policy_count, 2);
  EXPECT_EQ(report.assessment_count, log.issued);
  EXPECT_EQ(report.recomputed_count, log.issued);
  EXPECT_EQ(report.signed_by, "log.example.com");
  EXPECT_TRUE(report.remarks.empty());
}

TEST_F(AuditCheckTest, ABundleOfAPartnershipHoldsWithTheRecordsOfThePolicies) {
  const uint32_t seed = support::AnySeed();
  AuditedLog log(seed);
  log.Fill(kEvents);
  const BundleText bundle = Export(log, "x");
  const AuditReport report = Check(bundle.Whole(), {log.key.verifier().Text(), ""});
  EXPECT_EQ(report.finding_count, 0) << Words(report);
  EXPECT_EQ(report.stream_count, 2);
  EXPECT_EQ(report.policy_count, 2);
  EXPECT_EQ(report.recomputed_count, report.assessment_count);
  ASSERT_EQ(report.remarks.size(), 1u);
  EXPECT_THAT(report.remarks[0], HasSubstr("the whole log alone"));
  for (const std::string& line : bundle.lines) EXPECT_FALSE(absl::StrContains(line, "\"stream\":\"y\""));
}

// The random changes, of both kinds of bundle. That the same check finds nothing in the bundle itself is seen above and
// before each round.
TEST_F(AuditCheckTest, EveryChangeIsCaught) {
  const uint32_t seed = support::AnySeed();
  AuditedLog log(seed);
  log.Fill(kEvents);
  int caught = 0;
  for (const char* partnership : {"", "x"}) {
    const BundleText bundle = Export(log, partnership);
    const AuditTrust trust{log.key.verifier().Text(), ""};
    ASSERT_EQ(Check(bundle.Whole(), trust).finding_count, 0);
    Forger forger(seed, bundle);
    for (int i = 0; i < 400; ++i) {
      std::string what;
      const std::string forged = forger.Forge(&what);
      const AuditReport report = Check(forged, trust);
      EXPECT_GT(report.finding_count, 0) << "bundle of \"" << partnership << "\": " << what;
      if (report.finding_count > 0) ++caught;
    }
  }
  EXPECT_EQ(caught, 800);
}

TEST_F(AuditCheckTest, AFindingIsShortHoweverLongWhatItQuotes) {
  AuditedLog log(1);
  log.Fill(kEvents);
  BundleText bundle = Export(log, "");
  trust::v1::AuditLine line = bundle.Line(0);
  line.mutable_header()->set_format(std::string(100'000, 'f'));
  bundle.lines[0] = TextOf(line);
  bundle.Seal();
  const AuditReport report = Check(bundle.Whole(), {log.key.verifier().Text(), ""});
  ASSERT_GT(report.finding_count, 0);
  for (const AuditFinding& finding : report.findings) EXPECT_LT(finding.words.size(), 1100u);
  EXPECT_THAT(Words(report), HasSubstr("the format is \"ffff"));
}

TEST_F(AuditCheckTest, AFindingNamesItsLineAndSaysWhatIsWrong) {
  AuditedLog log(1);
  log.Fill(kEvents);
  const BundleText bundle = Export(log, "");
  const AuditTrust trust{log.key.verifier().Text(), ""};
  BundleText changed = bundle;
  trust::v1::AuditLine line = changed.Line(5);
  line.mutable_record()->mutable_event()->set_recorder("somebody-else");
  changed.lines[5] = TextOf(line);
  changed.Seal();
  const AuditReport report = Check(changed.Whole(), trust);
  EXPECT_EQ(Words(report), "6: the readable event does not say what the stored bytes say\n");

  changed = bundle;
  changed.lines.pop_back();
  EXPECT_THAT(Words(Check(changed.Whole(), trust)), HasSubstr("the bundle is cut"));
  std::string whole = bundle.Whole();
  EXPECT_THAT(Words(Check(whole + "{}\n", trust)), HasSubstr("behind the end"));
  whole.pop_back();
  EXPECT_THAT(Words(Check(whole, trust)), HasSubstr("does not end with a line feed"));
  EXPECT_THAT(Words(Check("", trust)), HasSubstr("empty"));
  EXPECT_THAT(Words(Check("{\"hello\":1}\n", trust)), HasSubstr("no header"));
}

// The log itself may lie: what an operator signs can be an assessment that never followed from its evidence.
TEST_F(AuditCheckTest, AnAssessmentThatDoesNotFollowFromItsEventsIsFoundThoughItsRecordIsProven) {
  AuditedLog log(2);
  log.Fill(kEvents);
  trust::v1::Event event = support::StoredLog::On(log.random.first_contact() + 100);
  trust::v1::AssessmentIssued& issued = *event.mutable_assessment_issued();
  issued.set_assessment("made-up");
  *issued.mutable_as_of_time() = event.occur_time();
  issued.set_log_size(static_cast<int64_t>(log.store.LogSize()));
  issued.set_policy_sha256(eventstore::BytesOfHex(log.policies.built_in()->sha256));
  issued.set_digest(std::string(32, 'x'));
  log.log.Append("x", event);
  issued.set_assessment("of-strangers");
  issued.set_trustor("nobody");
  issued.set_trustee("a");
  log.log.Append("x", event);
  issued.clear_trustor();
  issued.clear_trustee();
  issued.set_assessment("under-nothing");
  issued.set_policy_sha256(std::string(32, 'p'));
  log.log.Append("x", event);
  for (const char* partnership : {"", "x"}) {
    const AuditReport report = Check(Export(log, partnership).Whole(), {log.key.verifier().Text(), ""});
    EXPECT_EQ(report.finding_count, 3) << Words(report);
    EXPECT_THAT(Words(report), HasSubstr("assessment made-up recomputes to "));
    EXPECT_THAT(Words(report), HasSubstr("assessment of-strangers is of a direction between others than two partners"));
    EXPECT_THAT(Words(report), HasSubstr("of assessment under-nothing is not in the bundle"));
    EXPECT_EQ(report.recomputed_count, report.assessment_count - 3);
  }
}

TEST_F(AuditCheckTest, TheKeyAndTheCheckpointThatTheAuditorBringsDecide) {
  AuditedLog log(3);
  log.Fill(kEvents);
  const auto early = log.checkpointer.At(log.store.LogSize() / 2);
  ASSERT_TRUE(early.ok());
  const std::string whole = Export(log, "").Whole();
  const std::string key = log.key.verifier().Text();

  const AuditReport own = Check(whole, {});
  EXPECT_EQ(own.finding_count, 0);
  ASSERT_EQ(own.remarks.size(), 1u);
  EXPECT_THAT(own.remarks[0], HasSubstr("the key that the bundle itself names"));
  const auto other = eventstore::SigningKey::Generate("log.example.com");
  ASSERT_TRUE(other.ok());
  EXPECT_THAT(Words(Check(whole, {other->verifier().Text(), ""})), HasSubstr("is not signed as it should be"));

  EXPECT_EQ(Check(whole, {key, (*early)->note}).finding_count, 0) << "an earlier checkpoint is continued";
  eventstore::Checkpoint forked = (*early)->checkpoint;
  forked.root[0] ^= 1;
  const auto forked_note = eventstore::SignNote(eventstore::CheckpointText(forked), log.key);
  ASSERT_TRUE(forked_note.ok());
  EXPECT_THAT(Words(Check(whole, {key, *forked_note})), HasSubstr("the checkpoint given has the root"));
  forked = (*early)->checkpoint;
  forked.size = log.store.LogSize() + 1;
  const auto larger = eventstore::SignNote(eventstore::CheckpointText(forked), log.key);
  ASSERT_TRUE(larger.ok());
  EXPECT_THAT(Words(Check(whole, {key, *larger})), HasSubstr("--tree-size"));
  EXPECT_THAT(Words(Check(Export(log, "x").Whole(), {key, (*early)->note})), HasSubstr("--tree-size"));

  EXPECT_EQ(CheckBundle(path("bundle"), {"no key", ""}, [](int64_t, int64_t) {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckBundle(path("nothing"), {}, [](int64_t, int64_t) {}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(AuditCheckTest, WithoutASignatureABundleSaysThatNothingIsSigned) {
  AuditedLog log(4);
  log.Fill(kEvents);
  services::Checkpointer unsigned_ones({}, &log.store, &log.clock, std::nullopt, std::nullopt);
  services::AuditExport exported(&log.store, &unsigned_ones, &log.policies, &log.clock, {});
  services::AuditExport::Messages messages;
  while (!exported.ended()) ASSERT_TRUE(exported.Next(1 << 20, &messages).ok());
  const auto file = AuditFile::Open(path("unsigned"));
  ASSERT_TRUE(file.ok());
  for (const auto& message : messages) {
    if (!message.has_line()) continue;
    ASSERT_TRUE((*file)->Add(message.line()).ok());
  }
  ASSERT_TRUE((*file)->Complete().ok());
  const AuditReport report = Check(Content(path("unsigned")), {});
  EXPECT_EQ(report.finding_count, 0) << Words(report);
  ASSERT_EQ(report.remarks.size(), 1u);
  EXPECT_THAT(report.remarks[0], HasSubstr("Nothing in the bundle is signed"));
  EXPECT_THAT(Words(Check(Content(path("unsigned")), {log.key.verifier().Text(), ""})), HasSubstr("no checkpoint"));
}

}  // namespace
}  // namespace trustctl
