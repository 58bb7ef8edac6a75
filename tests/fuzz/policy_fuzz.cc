// Policy documents. Promised: a document that is taken breaks no rule that a reading relies on, and its canonical text
// is taken again and says the same; a refusal fits into an answer; whatever it judges, scores are from 0 to 10,000.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "projections/canonical_text.h"
#include "projections/day.h"
#include "projections/policy.h"
#include "projections/trust_history.h"
#include "services/domain/policy_decider.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;
using projections::Policy;

constexpr projections::Day kFirstDay = 18'000;

// Two partners, and one piece of evidence of every kind, every tenth day.
const std::vector<trust::v1::Event>& Events() {
  static const auto* const events = [] {
    auto* const made = new std::vector<trust::v1::Event>;
    const auto add = [&](projections::Day day) -> trust::v1::Event& {
      trust::v1::Event& event = made->emplace_back();
      event.set_partnership("alpha");
      event.set_revision(static_cast<int64_t>(made->size()));
      event.set_recorder("a");
      *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOf(day));
      *event.mutable_record_time() = event.occur_time();
      return event;
    };
    auto& proposed = *add(kFirstDay).mutable_partnership_proposed();
    for (const char* const name : {"a", "b"}) proposed.add_partners()->set_organization(name);
    auto& contact = *add(kFirstDay).mutable_initial_contact_made();
    for (const char* const name : {"a", "b"}) contact.add_organizations(name);
    const auto* const kinds = trust::v1::Evidence::descriptor()->FindOneofByName("kind");
    for (int i = 0; i < kinds->field_count(); ++i) {
      trust::v1::Evidence& evidence = *add(kFirstDay + 10 * i).mutable_evidence();
      evidence.set_actor("b");
      evidence.add_affected("a");
      evidence.set_source(trust::v1::SOURCE_THIRD_PARTY);
      evidence.set_materiality(trust::v1::MATERIALITY_CRITICAL);
      evidence.GetReflection()->MutableMessage(&evidence, kinds->field(i));
    }
    return made;
  }();
  return *events;
}

void Read(const std::shared_ptr<const Policy>& policy) {
  projections::TrustHistory history("alpha", policy);
  for (const trust::v1::Event& event : Events()) history.Apply(event);
  for (const projections::Day day : {kFirstDay + 200, kFirstDay + 2000}) {
    const trust::v1::DirectionReading reading = history.Read("a", "b", day);
    for (const trust::v1::FacetReading& facet : reading.facets()) {
      Require(facet.score_bp() >= 0 && facet.score_bp() <= 10'000, "a score is from 0 to 10,000");
    }
  }
  history.Timeline("a", "b", kFirstDay + 2000);
}

void ReadDocument(absl::string_view bytes) {
  const fuzz::ExactCopy json(bytes);
  const auto policy = Policy::Parse(json.view());
  if (!policy.ok()) return;  // Names every broken rule, however many; what is sent of them is cut.
  const auto again = Policy::Parse((*policy)->canonical_text());
  Require(again.ok() && (*again)->canonical_text() == (*policy)->canonical_text(), "the canonical text is taken again");
  Require((*again)->document().SerializeAsString() == (*policy)->document().SerializeAsString(),
          "the canonical text says what the document says");
  Read(*again);
}

// As it is published.
void ReadMessage(const trust::v1::PolicyDocument& document) {
  trust::v1::PublishPolicyRequest request;
  *request.mutable_document() = document;
  const absl::Status valid = domain::Validate(request, {});
  fuzz::RequireFits(valid);
  if (valid.ok()) {
    Require(Policy::Parse(projections::CanonicalText(document)).ok(), "what was published can be read for ever");
  }
  std::string json;
  if (google::protobuf::util::MessageToJsonString(document, &json).ok()) ReadDocument(json);
}

// The policy that the program comes with, changed: a field of it, or one of its rows, takes other numbers.
void ReadChanged(fuzz::Input& input) {
  static const auto* const original = new trust::v1::PolicyDocument(Policy::Default()->document());
  trust::v1::PolicyDocument document = *original;
  for (int changes = 0; changes < 4 && !input.empty(); ++changes) {
    google::protobuf::Message* message = &document;
    for (int depth = 0; depth < 4; ++depth) {
      const auto& fields = *message->GetDescriptor();
      const auto& reflection = *message->GetReflection();
      const auto* const field = fields.field(input.Byte() % fields.field_count());
      using Field = google::protobuf::FieldDescriptor;
      if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
        if (!field->is_repeated()) {
          message = reflection.MutableMessage(message, field);
          continue;
        }
        const int size = reflection.FieldSize(*message, field);
        if (size == 0) break;
        message = reflection.MutableRepeatedMessage(message, field, input.Byte() % size);
        continue;
      }
      if (field->is_repeated()) break;
      if (field->cpp_type() == Field::CPPTYPE_INT32) {
        reflection.SetInt32(message, field, static_cast<int32_t>(input.Number(4)));
      } else if (field->cpp_type() == Field::CPPTYPE_ENUM) {
        reflection.SetEnumValue(message, field, static_cast<int>(input.Byte()) - 1);
      } else if (field->cpp_type() == Field::CPPTYPE_BOOL) {
        reflection.SetBool(message, field, input.Pick(2) == 1);
      }
      break;
    }
  }
  ReadMessage(document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(3)) {
    case 0:
      ReadDocument(input.Rest());
      break;
    case 1: {
      trust::v1::PolicyDocument document = Policy::Default()->document();
      const absl::string_view bytes = input.Rest();
      if (document.MergeFromString(std::string(bytes))) ReadMessage(document);
      break;
    }
    case 2:
      ReadChanged(input);
      break;
  }
  return 0;
}
