#include "services/trustctl/audit_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"

namespace trustctl {
namespace {

constexpr char kRecordBegin[] = R"({"record":{"log_index":")";
constexpr char kProofBegin[] = R"(,"proof":[)";

// Takes what stands before a quote off the front of a text.
bool TakeQuoted(absl::string_view* text, absl::string_view* value) {
  const size_t quote = text->find('"');
  if (quote == absl::string_view::npos) return false;
  *value = text->substr(0, quote);
  text->remove_prefix(quote + 1);
  return true;
}

}  // namespace

std::string TextOf(const trust::v1::AuditLine& line) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(line, &text, options);
  // Only times outside the years 1 to 9999 have no JSON, and no event has them.
  return status.ok() ? text : std::string("{}");
}

absl::Status ParseLine(absl::string_view text, trust::v1::AuditLine* line) {
  line->Clear();
  const auto status = google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, line);
  if (status.ok()) return absl::OkStatus();
  const auto why = status.message();
  return absl::InvalidArgumentError(absl::StrCat("it is no line of a bundle: ", std::string(why.data(), why.size())));
}

bool IsRecordText(absl::string_view text) { return absl::StartsWith(text, kRecordBegin); }

bool FindRecordParts(absl::string_view text, RecordParts* parts) {
  const absl::string_view whole = text;
  absl::string_view value;
  if (!absl::ConsumePrefix(&text, kRecordBegin) || !TakeQuoted(&text, &value) ||
      !absl::SimpleAtoi(value, &parts->log_index)) {
    return false;
  }
  if (!absl::ConsumePrefix(&text, R"(,"stream":")") || !TakeQuoted(&text, &value)) return false;
  if (!absl::ConsumePrefix(&text, R"(,"revision":")") || !TakeQuoted(&text, &value)) return false;
  if (!absl::ConsumePrefix(&text, R"(,"record":")") || !TakeQuoted(&text, &value)) return false;
  if (!absl::Base64Unescape(value, &parts->record)) return false;
  parts->proof.clear();
  // Within a string the quotes would be escaped.
  const size_t proof = whole.rfind(kProofBegin);
  if (proof == absl::string_view::npos) return true;
  absl::string_view hashes = whole.substr(proof + sizeof(kProofBegin) - 1);
  if (!absl::ConsumeSuffix(&hashes, "]}}")) return false;
  for (absl::string_view hash : absl::StrSplit(hashes, ',')) {
    std::string bytes;
    if (!absl::ConsumePrefix(&hash, "\"") || !absl::ConsumeSuffix(&hash, "\"") || !absl::Base64Unescape(hash, &bytes)) {
      return false;
    }
    parts->proof.push_back(std::move(bytes));
  }
  return true;
}

}  // namespace trustctl
