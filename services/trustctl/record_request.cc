#include "services/trustctl/record_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/evidence_kinds.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/short_form.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;
using trust::v1::Evidence;

const OneofDescriptor& Kinds() { return *Evidence::descriptor()->FindOneofByName("kind"); }

absl::Status SetKind(const std::vector<std::string>& words, Evidence* evidence) {
  std::vector<std::string> texts = words;
  const FieldDescriptor* kind = evidence->GetReflection()->GetOneofFieldDescriptor(*evidence, &Kinds());
  if (!texts.empty() && (kind == nullptr || !absl::StrContains(texts.front(), '='))) {
    const absl::StatusOr<const FieldDescriptor*> found = FindKind(Kinds(), "kind of evidence", texts.front());
    if (!found.ok()) return found.status();
    kind = *found;
    texts.erase(texts.begin());
  }
  if (kind == nullptr) return absl::OkStatus();
  return SetOwnFields(WithDashes(kind->name()), texts, evidence->GetReflection()->MutableMessage(evidence, kind));
}

// Sets what a request or an item says of one piece of evidence.
template <typename Request>
absl::Status SetOneEvidence(const Invocation& invocation, Request* request) {
  const std::vector<std::string> words(invocation.arguments.begin() + 1, invocation.arguments.end());
  absl::Status set = SetEvidence(invocation, words, request->mutable_evidence());
  if (set.ok()) set = SetOccurTime(invocation, request);
  if (set.ok()) set = SetObserveTime(invocation, request);
  if (set.ok()) set = SetNote(invocation, request);
  if (set.ok()) set = CheckRequiredFields(request->evidence());
  if (!set.ok()) return set;
  if (request->evidence().actor().empty()) {
    return UsageError("record wants --actor ID, whose act it was; '*' for a joint one");
  }
  if (request->evidence().affected().empty()) {
    return UsageError("record wants --affected ID[,ID...], who experienced it");
  }
  return absl::OkStatus();
}

// The words of a line, which quotes hold together.
absl::StatusOr<std::vector<std::string>> WordsOf(absl::string_view line) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = '\0';
  for (const char c : line) {
    if (quote == '\0' && absl::ascii_isspace(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      words.back().push_back(c);
    }
  }
  if (quote != '\0') return UsageError(absl::StrCat("a quote, ", std::string(1, quote), ", has no end"));
  return words;
}

}  // namespace

std::vector<std::string> EvidenceKinds() { return KindNames(Kinds()); }

std::vector<Flag> EvidenceFlags() {
  return {
      {"actor", "ID", "whose act it was; '*' for a joint act of those affected"},
      {"affected", "ID[,ID...]", "who experienced it"},
      OnFlag(),
      {"learned", "DATE",
       "the day or instant at which those affected learned of it, no coarser; default when it happened"},
      {"witnesses", "ID[,ID...]", "who else learned of it"},
      {"level", "LEVEL", "interorganisational, the default, or interpersonal"},
      {"actor-contact", "ID", "who acted, of an interpersonal act"},
      {"affected-contact", "ID", "who experienced it, of an interpersonal act"},
      {"materiality", "HOW", "how much it mattered: low, medium, the default, high or critical"},
      {"label", "NAME", "an id-shaped name of the matter"},
  };
}

std::vector<std::string> EvidenceFields(absl::string_view kind) {
  const FieldDescriptor* const found = Evidence::descriptor()->FindFieldByName(absl::StrReplaceAll(kind, {{"-", "_"}}));
  if (found == nullptr || found->containing_oneof() != &Kinds()) return {};
  return WrittenFields(*found->message_type());
}

std::vector<std::string> EvidenceValues(absl::string_view field) {
  const FieldDescriptor* const found = Evidence::descriptor()->FindFieldByName(std::string(field));
  if (found == nullptr || found->enum_type() == nullptr) return {};
  return ValueNames(*found->enum_type());
}

absl::Status SetEvidence(const Invocation& invocation, const std::vector<std::string>& words, Evidence* evidence) {
  if (absl::Status set = SetKind(words, evidence); !set.ok()) return set;
  for (const char* const flag :
       {"actor", "affected", "witnesses", "level", "materiality", "label", "actor-contact", "affected-contact"}) {
    if (!invocation.Has(flag)) continue;
    const FieldDescriptor* const field =
        Evidence::descriptor()->FindFieldByName(absl::StrReplaceAll(flag, {{"-", "_"}}));
    absl::Status set;
    if (field->enum_type() != nullptr) {
      const absl::StatusOr<int> number = ParseEnum(*field->enum_type(), absl::StrCat("--", flag), invocation.Get(flag));
      set = number.status();
      if (set.ok()) evidence->GetReflection()->SetEnumValue(evidence, field, *number);
    } else {
      set = SetField(*field, invocation.Get(flag), evidence);
    }
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

absl::StatusOr<trust::v1::RecordEvidenceRequest> RecordRequestOf(const Invocation& invocation) {
  trust::v1::RecordEvidenceRequest request;
  request.set_partnership(invocation.arguments[0]);
  if (absl::Status set = SetOneEvidence(invocation, &request); !set.ok()) return set;
  // Who experienced it usually tells of it.
  request.set_recorder(invocation.Get("recorder", request.evidence().affected(0)));
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  return request;
}

absl::StatusOr<trust::v1::EvidenceItem> ParseBatchLine(const VerbSyntax& record, absl::string_view line) {
  const absl::StatusOr<std::vector<std::string>> words = WordsOf(line);
  if (!words.ok()) return words.status();
  std::vector<std::string> args = {record.name, "PARTNERSHIP"};
  args.insert(args.end(), words->begin(), words->end());
  const absl::StatusOr<Invocation> invocation = ParseCommandLine({record}, args);
  if (!invocation.ok()) return invocation.status();
  for (const auto& [flag, value] : invocation->flags) {
    const bool of_all = FindFlag(GlobalFlags(), flag) != nullptr || flag == "recorder" || flag == "request-id" ||
                        flag == "expected-revision" || flag == "dry-run";
    if (of_all) {
      return UsageError(absl::StrCat("--", flag, " is said of the whole batch, behind trustctl batch, not of a line"));
    }
  }
  trust::v1::EvidenceItem item;
  if (absl::Status set = SetOneEvidence(*invocation, &item); !set.ok()) return set;
  return item;
}

}  // namespace trustctl
