#include "services/trustctl/audit_check.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/checkpoint.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/sha256_stream.h"
#include "eventstore/signed_note.h"
#include "eventstore/signing_key.h"
#include "eventstore/v1/record.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "projections/assessed_reading.h"
#include "projections/assessment_text.h"
#include "projections/audit_line.h"
#include "projections/policy.h"
#include "projections/stored_event.h"
#include "projections/trust_history.h"
#include "services/trustctl/audit_text.h"

namespace trustctl {
namespace {

using eventstore::Sha256Digest;
using trust::v1::AuditLine;
using trust::v1::Event;

constexpr int64_t kLinesBetweenProgress = 1024;
constexpr size_t kFindingBytesMax = 1000;

std::optional<Sha256Digest> DigestOf(absl::string_view bytes) {
  Sha256Digest digest{};
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

bool SameMessage(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// What a stored record says.
struct Content {
  eventstore::v1::Record record;
  Event event;
};

bool ReadContent(const std::string& bytes, Content* content) {
  return content->record.ParseFromString(bytes) &&
         projections::ReadStoredEvent(content->record.stream(), content->record.revision(),
                                      content->record.record_time_us(), content->record.data(), &content->event);
}

// Lines of a file with their places.
class PlacedLines {
 public:
  explicit PlacedLines(const std::string& path) : file_(path, std::ios::binary) {
    file_.seekg(0, std::ios::end);
    size_ = static_cast<int64_t>(file_.tellg());
    file_.seekg(0);
  }

  bool good() const { return static_cast<bool>(file_); }
  int64_t size() const { return size_; }
  int64_t offset() const { return offset_; }  // Of the next line.
  bool last_was_whole() const { return !file_.eof(); }

  bool Next(std::string* line) {
    if (!std::getline(file_, *line)) return false;
    offset_ += static_cast<int64_t>(line->size()) + (file_.eof() ? 0 : 1);
    return true;
  }

  bool At(int64_t offset, std::string* line) {
    file_.clear();
    file_.seekg(offset);
    return static_cast<bool>(std::getline(file_, *line));
  }

 private:
  std::ifstream file_;
  int64_t size_ = 0;
  int64_t offset_ = 0;
};

// The lines of a bundle, one after the other.
class BundleCheck {
 public:
  BundleCheck(PlacedLines* reader, const AuditTrust& trust, std::optional<eventstore::VerifierKey> key)
      : reader_(*reader), trust_(trust), key_(std::move(key)) {}

  AuditReport Run(AuditProgress progress) {
    std::string text;
    while (reader_.Next(&text)) {
      line_ = ++report_.line_count;
      line_offset_ = next_offset_;
      next_offset_ = reader_.offset();
      if (ended_) {
        Wrong("it stands behind the end of the bundle");
        break;
      }
      TakeText(text);
      if (!ended_) digest_.Add(text);
      if (!ended_) digest_.Add("\n");
      if (line_ % kLinesBetweenProgress == 0) progress(next_offset_ / 2, reader_.size());
    }
    if (!reader_.last_was_whole() && next_offset_ > 0 && !text.empty()) Wrong("it does not end with a line feed");
    Finish();
    Recompute(progress);
    report_.stream_count = static_cast<int64_t>(streams_.size());
    return std::move(report_);
  }

 private:
  // A stream as far as it was read.
  struct Stream {
    uint64_t revision = 0;
    std::string last_leaf;
    std::vector<int64_t> offsets;  // Of its record lines.
  };
  // An assessment to recompute.
  struct Pin {
    int64_t line;
    trust::v1::AssessmentIssued issued;
  };

  void Wrong(std::string words) { report_.Add(line_, std::move(words)); }

  void TakeText(const std::string& text) {
    if (line_ == 1) return TakeHeader(text);
    if (behind_.has_value()) return TakeBehind(text);
    if (IsRecordText(text)) return TakeRecord(text);
    AuditLine line;
    if (const absl::Status parsed = ParseLine(text, &line); !parsed.ok()) return Wrong(std::string(parsed.message()));
    switch (line.line_case()) {
      case AuditLine::kHeader:
        return Wrong("a second header");
      case AuditLine::kRecord:
        return TakeRecord(text);
      case AuditLine::kPolicy:
        return TakeBuiltIn(text, line.policy());
      case AuditLine::kAssessment:
        return Wrong("an assessment that the record before it does not issue");
      case AuditLine::kEnd:
        return TakeEnd(text, line);
      case AuditLine::LINE_NOT_SET:
        return Wrong("it says nothing");
    }
  }

  // A line that says the right thing must also have the right text: what another program reads out of it may differ.
  void ExpectText(const AuditLine& line, const std::string& text) {
    if (TextOf(line) != text)
      Wrong("it is written in another way than bundles are, so that others may read it differently");
  }

  void TakeHeader(const std::string& text) {
    AuditLine line;
    const absl::Status parsed = ParseLine(text, &line);
    if (!parsed.ok() || !line.has_header()) {
      return Wrong("it is no header; an audit bundle begins with one");
    }
    report_.header = line.header();
    ExpectText(line, text);
    if (header().format() != projections::kAuditFormat) {
      Wrong(absl::StrCat("the format is \"", header().format(), "\", and this program reads ",
                         projections::kAuditFormat));
    }
    root_ = DigestOf(header().root());
    if (!root_.has_value()) Wrong("the root has not 32 bytes");
    if (header().tree_size() < 0) Wrong("tree_size is negative");
    CheckSignature();
  }

  void CheckSignature() {
    if (!trust_.checkpoint.empty()) CheckGiven();
    if (header().checkpoint().empty()) {
      if (key_.has_value()) return Wrong("the bundle has no checkpoint, so that the key given signed nothing of it");
      report_.remarks.push_back(
          "Nothing in the bundle is signed: it agrees with itself, which whoever wrote it could always achieve.");
      return;
    }
    if (key_.has_value() && header().verifier_key() != key_->Text()) {
      Wrong("the bundle names another verifier key than the one given");
    }
    const std::optional<eventstore::Checkpoint> own = OpenCheckpoint(header().checkpoint(), "the bundle's checkpoint");
    if (!own.has_value()) return;
    if (own->size != static_cast<uint64_t>(header().tree_size())) {
      return Wrong(absl::StrCat("the bundle's checkpoint is of ", own->size, " records, and its header says ",
                                header().tree_size()));
    }
    if (root_.has_value() && own->root != *root_) {
      return Wrong(absl::StrCat("the bundle's checkpoint has the root ", eventstore::Base64Of(own->root),
                                ", and its header ", eventstore::Base64Of(*root_)));
    }
    report_.signed_by = own->origin;
  }

  // The checkpoint that the auditor kept: of the bundle's size, or, in the whole log, of a smaller one.
  void CheckGiven() {
    given_ = OpenCheckpoint(trust_.checkpoint, "the checkpoint given");
    if (!given_.has_value()) return;
    const auto size = static_cast<uint64_t>(std::max<int64_t>(header().tree_size(), 0));
    if (given_->size > size || (given_->size < size && !header().partnership().empty())) {
      Wrong(absl::StrCat("the checkpoint given is of ", given_->size, " records, and the bundle of ", size,
                         "; export one of that size with --tree-size=", given_->size));
    }
    if (given_->size == size && root_.has_value()) CompareGiven(*root_);
  }

  void CompareGiven(const Sha256Digest& root) {
    if (given_->root == root) return;
    Wrong(absl::StrCat("the checkpoint given has the root ", eventstore::Base64Of(given_->root), " over ", given_->size,
                       " records, and the bundle ", eventstore::Base64Of(root)));
  }

  std::optional<eventstore::Checkpoint> OpenCheckpoint(const std::string& note, const std::string& which) {
    std::optional<eventstore::VerifierKey> key = key_;
    if (!key.has_value()) {
      const auto own = eventstore::VerifierKey::Parse(header().verifier_key());
      if (!own.ok()) {
        Wrong(absl::StrCat("the bundle's verifier key is none: ", own.status().message()));
        return std::nullopt;
      }
      key = *own;
      report_.remarks.assign({absl::StrCat(
          "The signature was checked with the key that the bundle itself names, ", header().verifier_key(),
          ": compare it with one that came another way, or pass that with --verifier-key.")});
    }
    const absl::StatusOr<std::string> text = eventstore::OpenNote(note, *key);
    if (!text.ok()) {
      Wrong(absl::StrCat(which, " is not signed as it should be: ", text.status().message()));
      return std::nullopt;
    }
    const absl::StatusOr<eventstore::Checkpoint> checkpoint = eventstore::ParseCheckpoint(*text);
    if (!checkpoint.ok()) {
      Wrong(absl::StrCat(which, " is none: ", checkpoint.status().message()));
      return std::nullopt;
    }
    if (checkpoint->origin != key->name()) {
      Wrong(absl::StrCat(which, " is of the log ", checkpoint->origin, ", and the key is that of ", key->name()));
    }
    return *checkpoint;
  }

  void TakeBuiltIn(const std::string& text, const trust::v1::AuditPolicy& policy) {
    if (line_ != 2) return Wrong("a policy that the record before it does not publish");
    has_built_in_ = true;
    AuditLine line;
    *line.mutable_policy() = policy;
    ExpectText(line, text);
    if (!policy.built_in()) Wrong("the policy is not said to be the one that the program comes with");
    if (policy.version() != projections::PolicyVersionOf(policy.document())) {
      Wrong(absl::StrCat("the document does not call itself \"", policy.version(), "\""));
    }
    const auto own = projections::Policy::Default();
    if (policy.version() == own->version() && policy.document() != own->canonical_text()) {
      Wrong(absl::StrCat("the document is not the ", own->version(), " that this program has"));
    } else if (policy.version() != own->version()) {
      report_.remarks.push_back(absl::StrCat("The server's program came with the policy ", policy.version(),
                                             ", this one with ", own->version(),
                                             "; the document is what the digests of assessments under it show."));
    }
    TakeDocument(policy.sha256(), policy.document());
  }

  void TakeDocument(const std::string& sha256, const std::string& document) {
    ++report_.policy_count;
    const std::string real = eventstore::Sha256Hex(document);
    if (real != sha256) Wrong(absl::StrCat("the SHA-256 of the policy document is ", real, ", not ", sha256));
    policies_[real] = document;
  }

  void TakeRecord(const std::string& text) {
    if (!has_built_in_) {
      Wrong("records begin before the policy that the program comes with");
      has_built_in_ = true;
    }
    RecordParts parts;
    Content content;
    if (!FindRecordParts(text, &parts)) {
      AuditLine line;
      if (const absl::Status parsed = ParseLine(text, &line); !parsed.ok()) return Wrong(std::string(parsed.message()));
      Wrong("it is written in another way than bundles are, so that others may read it differently");
      parts.log_index = line.record().log_index();
      parts.record = line.record().record();
      parts.proof = {line.record().proof().begin(), line.record().proof().end()};
    }
    ++report_.record_count;
    const Sha256Digest leaf = eventstore::LeafHash(parts.record);
    if (!ReadContent(parts.record, &content)) {
      Wrong("the stored bytes are no record of an event");
      return CheckTree(parts, leaf);
    }
    CheckReadable(parts, content, text);
    CheckPlace(parts, content, leaf);
    CheckTree(parts, leaf);
    behind_ = projections::LineBehind(content.event, static_cast<int64_t>(content.record.position()) - 1);
    if (content.event.has_assessment_issued()) {
      pins_[content.record.stream()].push_back({line_, content.event.assessment_issued()});
    }
  }

  // Whether the line says what the bytes say.
  void CheckReadable(const RecordParts& parts, const Content& content, const std::string& text) {
    AuditLine right;
    trust::v1::AuditRecord& record = *right.mutable_record();
    record.set_log_index(static_cast<int64_t>(content.record.position()) - 1);
    record.set_stream(content.record.stream());
    record.set_revision(static_cast<int64_t>(content.record.revision()));
    record.set_record(parts.record);
    *record.mutable_event() = content.event;
    for (const std::string& hash : parts.proof) record.add_proof(hash);
    if (TextOf(right) == text) return;
    AuditLine line;
    if (const absl::Status parsed = ParseLine(text, &line); !parsed.ok()) return Wrong(std::string(parsed.message()));
    const size_t before = static_cast<size_t>(report_.finding_count);
    if (line.record().log_index() != record.log_index()) {
      Wrong(absl::StrCat("log_index is ", line.record().log_index(), ", and the stored bytes are of ",
                         record.log_index()));
    }
    if (line.record().stream() != record.stream() || line.record().revision() != record.revision()) {
      Wrong(absl::StrCat("it is said to be revision ", line.record().revision(), " of ", line.record().stream(),
                         ", and the stored bytes are revision ", record.revision(), " of ", record.stream()));
    }
    if (!SameMessage(line.record().event(), record.event())) {
      Wrong("the readable event does not say what the stored bytes say");
    }
    if (static_cast<size_t>(report_.finding_count) == before) {
      Wrong("it is written in another way than bundles are, so that others may read it differently");
    }
  }

  // The order of the log, and of the record's stream.
  void CheckPlace(const RecordParts& parts, const Content& content, const Sha256Digest& leaf) {
    const eventstore::v1::Record& record = content.record;
    const bool whole = header().partnership().empty();
    if (whole && record.position() != last_position_ + 1) {
      Wrong(absl::StrCat("log_index ", last_position_, " should stand here, not ",
                         static_cast<int64_t>(record.position()) - 1));
    }
    if (!whole && record.position() <= last_position_) {
      Wrong(absl::StrCat("log_index ", static_cast<int64_t>(record.position()) - 1, " comes after ",
                         static_cast<int64_t>(last_position_) - 1));
    }
    if (!whole && record.stream() != header().partnership() && !absl::StartsWith(record.stream(), "$")) {
      Wrong(absl::StrCat("a record of ", record.stream(), " has no place in a bundle of ", header().partnership()));
    }
    if (record.position() > static_cast<uint64_t>(std::max<int64_t>(header().tree_size(), 0))) {
      Wrong(absl::StrCat("log_index ", parts.log_index, " lies beyond the ", header().tree_size(),
                         " records of the checkpoint"));
    }
    if (record.record_time_us() < last_record_time_us_) Wrong("it was recorded before the record that precedes it");
    last_position_ = record.position();
    last_record_time_us_ = record.record_time_us();

    Stream& stream = streams_[record.stream()];
    if (record.revision() != stream.revision + 1) {
      Wrong(absl::StrCat("revision ", stream.revision + 1, " of ", record.stream(), " should come next, not ",
                         record.revision()));
    }
    if (!record.previous_sha256().empty()) {
      linked_ = true;
      if (stream.last_leaf.empty() || record.previous_sha256() != stream.last_leaf) {
        Wrong(absl::StrCat("its link does not lead to revision ", stream.revision, " of ", record.stream()));
      }
    } else if (linked_ && stream.revision > 0) {
      Wrong("it has no link to the record before, which every record has since links are kept");
    }
    stream.revision = record.revision();
    stream.last_leaf = eventstore::BytesOf(leaf);
    stream.offsets.push_back(line_offset_);
  }

  void CheckTree(const RecordParts& parts, const Sha256Digest& leaf) {
    if (header().partnership().empty()) {
      frontier_.Add(leaf);
      if (given_.has_value() && given_->size == frontier_.size() &&
          frontier_.size() < static_cast<uint64_t>(std::max<int64_t>(header().tree_size(), 0))) {
        CompareGiven(frontier_.Root());
      }
      if (!parts.proof.empty()) Wrong("a proof has no place in a bundle of the whole log");
      return;
    }
    if (!root_.has_value()) return;
    std::vector<Sha256Digest> proof;
    for (const std::string& bytes : parts.proof) {
      const std::optional<Sha256Digest> hash = DigestOf(bytes);
      if (!hash.has_value()) return Wrong("a hash of the proof has not 32 bytes");
      proof.push_back(*hash);
    }
    if (parts.log_index < 0 || parts.log_index >= header().tree_size()) return Wrong("it has no place in the tree");
    const absl::Status included = eventstore::CheckInclusion(
        static_cast<uint64_t>(parts.log_index), static_cast<uint64_t>(header().tree_size()), leaf, *root_, proof);
    if (!included.ok()) Wrong(absl::StrCat("the proof does not lead to the root: ", included.message()));
  }

  // The line that must follow the record.
  void TakeBehind(const std::string& text) {
    const AuditLine right = *std::exchange(behind_, std::nullopt);
    const bool is_policy = right.has_policy();
    if (is_policy) TakeDocument(right.policy().sha256(), right.policy().document());
    if (!is_policy) ++report_.assessment_count;
    if (TextOf(right) == text) return;
    AuditLine line;
    const bool parsed = ParseLine(text, &line).ok();
    if (parsed && line.line_case() == right.line_case()) {
      return Wrong(is_policy ? "the policy is not the one that the record before it publishes"
                             : "the assessment is not the one that the record before it issues");
    }
    Wrong(is_policy ? "the policy that the record before it publishes is missing"
                    : "the assessment that the record before it issues is missing");
    TakeText(text);
  }

  void TakeEnd(const std::string& text, const AuditLine& line) {
    ended_ = true;
    ExpectText(line, text);
    if (line.end().record_count() != report_.record_count) {
      Wrong(absl::StrCat("the bundle should hold ", line.end().record_count(), " records, and holds ",
                         report_.record_count));
    }
    if (line.end().assessment_count() != report_.assessment_count) {
      Wrong(absl::StrCat("the bundle should hold ", line.end().assessment_count(), " assessments, and holds ",
                         report_.assessment_count));
    }
    if (line.end().sha256() != digest_.Hex()) {
      Wrong(absl::StrCat("the SHA-256 of the lines before it is ", digest_.Hex(), ", not ", line.end().sha256()));
    }
  }

  void Finish() {
    if (report_.line_count == 0) return Wrong("the file is empty");
    if (behind_.has_value()) Wrong("what the record issues or publishes is missing behind it");
    if (!ended_) Wrong("the bundle is cut: its end line is missing; export it again, which goes on with it");
    if (!header().partnership().empty()) {
      if (streams_[header().partnership()].revision == 0) {
        Wrong(absl::StrCat("the bundle holds nothing of ", header().partnership()));
      }
      report_.remarks.push_back(
          "A partnership's bundle shows that what is in it is complete up to its last record and unchanged; that the "
          "partnership had no later one is shown by a bundle of the whole log alone.");
      return;
    }
    if (frontier_.size() != static_cast<uint64_t>(std::max<int64_t>(header().tree_size(), 0))) {
      return Wrong(
          absl::StrCat("the whole log has ", header().tree_size(), " records, and the bundle ", frontier_.size()));
    }
    if (root_.has_value() && frontier_.Root() != *root_) {
      Wrong(absl::StrCat("the records lead to the root ", eventstore::Base64Of(frontier_.Root()),
                         ", and the checkpoint has ", eventstore::Base64Of(*root_)));
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // The second pass: each partnership's events are folded, and its assessments read where they were issued.

  std::shared_ptr<const projections::Policy> PolicyOf(const Pin& pin) {
    const std::string sha256 = absl::BytesToHexString(pin.issued.policy_sha256());
    const auto compiled = compiled_.find(sha256);
    if (compiled != compiled_.end()) return compiled->second;
    const auto document = policies_.find(sha256);
    if (document == policies_.end()) {
      report_.Add(pin.line, absl::StrCat("the policy ", sha256, " of assessment ", pin.issued.assessment(),
                                         " is not in the bundle"));
      return nullptr;
    }
    auto policy = projections::Policy::Parse(document->second);
    if (!policy.ok()) {
      report_.Add(pin.line, absl::StrCat("assessment ", pin.issued.assessment(),
                                         " cannot be recomputed by this program: ", policy.status().message()));
      return nullptr;
    }
    return compiled_[sha256] = *std::move(policy);
  }

  void CheckPin(const Pin& pin, projections::TrustHistory& history) {
    const std::shared_ptr<const projections::Policy> policy = PolicyOf(pin);
    if (policy == nullptr) return;
    const trust::v1::AssessmentIssued& issued = pin.issued;
    const bool named = !issued.trustor().empty() || !issued.trustee().empty();
    if (named && (issued.trustor() == issued.trustee() || !history.HasPartner(issued.trustor()) ||
                  !history.HasPartner(issued.trustee()))) {
      return report_.Add(pin.line, absl::StrCat("assessment ", issued.assessment(),
                                                " is of a direction between others than two partners"));
    }
    history.JudgeBy(policy);
    trust::v1::AssessTrustResponse reading;
    projections::ReadAssessed(history, issued.trustor(), issued.trustee(),
                              projections::DayOf(projections::ToTime(issued.as_of_time())), false, &reading);
    reading.set_policy_sha256(absl::BytesToHexString(issued.policy_sha256()));
    const std::string digest = eventstore::Sha256Hex(projections::AssessmentText(reading));
    if (digest == absl::BytesToHexString(issued.digest())) {
      ++report_.recomputed_count;
      return;
    }
    report_.Add(pin.line, absl::StrCat("assessment ", issued.assessment(), " recomputes to ", digest, ", not to ",
                                       absl::BytesToHexString(issued.digest())));
  }

  void Recompute(AuditProgress progress) {
    const std::shared_ptr<const projections::Policy> any = projections::Policy::Default();
    std::string text;
    RecordParts parts;
    Content content;
    int64_t lines = 0;
    for (const auto& [name, stream] : streams_) {
      if (absl::StartsWith(name, "$")) continue;
      std::vector<Pin> pins = pins_[name];
      std::stable_sort(pins.begin(), pins.end(),
                       [](const Pin& a, const Pin& b) { return a.issued.log_size() < b.issued.log_size(); });
      projections::TrustHistory history(name, any);
      auto pin = pins.begin();
      for (const int64_t offset : stream.offsets) {
        // What cannot be read again was a finding the first time.
        if (!reader_.At(offset, &text) || !FindRecordParts(text, &parts) || !ReadContent(parts.record, &content))
          continue;
        for (; pin != pins.end() && pin->issued.log_size() < static_cast<int64_t>(content.record.position()); ++pin) {
          CheckPin(*pin, history);
        }
        history.Apply(content.event);
        if (++lines % kLinesBetweenProgress == 0) {
          progress(reader_.size() / 2 + reader_.size() / 2 * lines / std::max<int64_t>(report_.record_count, 1),
                   reader_.size());
        }
      }
      for (; pin != pins.end(); ++pin) CheckPin(*pin, history);
      report_.unknown_count += history.unknown_events().count;
    }
  }

  const trust::v1::AuditHeader& header() const { return report_.header; }

  PlacedLines& reader_;
  const AuditTrust& trust_;
  const std::optional<eventstore::VerifierKey> key_;
  AuditReport report_;
  int64_t line_ = 0;
  int64_t line_offset_ = 0;
  int64_t next_offset_ = 0;
  eventstore::Sha256Stream digest_;
  std::optional<Sha256Digest> root_;
  std::optional<eventstore::Checkpoint> given_;
  bool has_built_in_ = false;
  bool ended_ = false;
  bool linked_ = false;                // A record with a link was read.
  std::optional<AuditLine> behind_;    // What the next line must be.
  eventstore::TreeFrontier frontier_;  // Of the whole log.
  uint64_t last_position_ = 0;
  int64_t last_record_time_us_ = std::numeric_limits<int64_t>::min();
  std::map<std::string, Stream> streams_;
  std::map<std::string, std::vector<Pin>> pins_;  // By stream.
  std::map<std::string, std::string> policies_;   // Documents by their SHA-256.
  std::map<std::string, std::shared_ptr<const projections::Policy>> compiled_;
};

}  // namespace

void AuditReport::Add(int64_t line, std::string words) {
  ++finding_count;
  if (findings.size() == kFindingsKept) return;
  // What a bundle says may be quoted, and it may be as long as the bundle.
  if (words.size() > kFindingBytesMax) words.replace(kFindingBytesMax, std::string::npos, "...");
  findings.push_back({line, std::move(words)});
}

absl::StatusOr<AuditReport> CheckBundle(const std::string& path, const AuditTrust& trust, AuditProgress progress) {
  std::optional<eventstore::VerifierKey> key;
  if (!trust.verifier_key.empty()) {
    const auto parsed = eventstore::VerifierKey::Parse(trust.verifier_key);
    if (!parsed.ok()) return parsed.status();
    key = *parsed;
  }
  PlacedLines reader(path);
  if (!reader.good()) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  BundleCheck check(&reader, trust, std::move(key));
  return check.Run(progress);
}

}  // namespace trustctl
