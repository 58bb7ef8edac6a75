// Writes the examples of corpus/ that take the program's own encoders: fuzz_seeds DIRECTORY. What is there of the same
// name is replaced, so that a change of a format shows as a change of the examples.

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/checkpoint.h"
#include "eventstore/key_layout.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/record_codec.h"
#include "eventstore/sha256_stream.h"
#include "eventstore/signed_note.h"
#include "eventstore/signing_key.h"
#include "google/protobuf/util/json_util.h"
#include "projections/assessed_reading.h"
#include "projections/audit_line.h"
#include "projections/day.h"
#include "projections/policy.h"
#include "projections/stored_event.h"
#include "projections/trust_history.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/request_ledger.h"
#include "services/standing_rows.h"
#include "services/trustctl/audit_text.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/partnership_service.pb.h"

namespace {

constexpr char kKeyText[] = "PRIVATE+KEY+fuzz.example.com/log+c206ace5+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

// An authority that signs itself, spiffe://example.org/ada besides, and a list of what it revoked; until 2100.
constexpr char kCertificate[] =
    "MIIBRjCB7aADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBGZ1enowIBcNMjAwMTAxMDAwMDAwWhgPMjEwMDAxMDEwMDAw"
    "MDBaMA8xDTALBgNVBAMMBGZ1enowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASlNBC/FRey3FS/QSZga14NlzIokvKdf0gbnPw4"
    "ZHimyfMTO0XLVaRF/YTFyLXfU8CNWOe3ySzQcnfiJ0dQcv/WozgwNjAPBgNVHRMBAf8EBTADAQH/MCMGA1UdEQQcMBqGGHNwaWZm"
    "ZTovL2V4YW1wbGUub3JnL2FkYTAKBggqhkjOPQQDAgNIADBFAiAPXZNail3VVGtfU9pyeqrUyFoerMwmk6u4Ek8pOFsYFQIhAMXC"
    "5BsobwYJe0xAvNqCqOCE8CRfql+Q4Fl20+jvRm33";
constexpr char kRevocationList[] =
    "MIGuMFYCAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEZnV6ehcNMjAwMTAxMDAwMDAwWhgPMjEwMDAxMDEwMDAwMDBaMBQwEgIB"
    "CRcNMjAwMTAxMDAwMDAwWjAKBggqhkjOPQQDAgNIADBFAiAJ0BYx7IKDQ706Nn6vqmD1t7Vw2nfNl7e1n1WWVd7B/gIhALxEKFGP"
    "JUXEDXfNTWHOaCpOffA77DTNQbEf78TxBuB/";

std::string directory;

// The first byte picks what the target does with the rest.
void Write(absl::string_view target, absl::string_view name, int pick, absl::string_view bytes) {
  const std::string folder = absl::StrCat(directory, "/", target);
  mkdir(folder.c_str(), 0755);
  std::ofstream file(absl::StrCat(folder, "/", name), std::ios::binary);
  file << std::string(pick < 0 ? 0 : 1, static_cast<char>(pick)) << bytes;
  if (!file.flush()) std::exit(1);
}

std::string Number(uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(number >> (8 * i)));
  return text;
}

std::string Text(absl::string_view text, int length_bytes = 1) {
  return absl::StrCat(Number(text.size(), length_bytes), text);
}

std::string Json(const google::protobuf::Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) std::exit(1);
  return text;
}

trust::v1::Event At(int day) {
  trust::v1::Event event;
  event.set_recorder("acme");
  *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOf(18'000 + day));
  return event;
}

// A short history with something of each sort.
std::vector<trust::v1::Event> Events() {
  std::vector<trust::v1::Event> events;
  events.push_back(At(0));
  for (const char* const name : {"acme", "bolt"}) {
    events.back().mutable_partnership_proposed()->add_partners()->set_organization(name);
  }
  events.push_back(At(0));
  for (const char* const name : {"acme", "bolt"}) {
    events.back().mutable_initial_contact_made()->add_organizations(name);
  }
  const auto evidence = [&](int day) -> trust::v1::Evidence& {
    events.push_back(At(day));
    trust::v1::Evidence& made = *events.back().mutable_evidence();
    made.set_actor("bolt");
    made.add_affected("acme");
    made.set_source(trust::v1::SOURCE_COUNTERPART);
    return made;
  };
  evidence(30).set_label("delivery");
  events.back().mutable_evidence()->mutable_commitment_made();
  evidence(60).mutable_commitment_fulfilled()->set_commitment("3");
  evidence(70).mutable_open_communication_observed();
  evidence(80).mutable_conflict_raised();
  evidence(90).mutable_conflict_resolved()->set_conflict("6");
  auto& violation = *evidence(100).mutable_violation_reported();
  violation.set_type(trust::v1::VIOLATION_TYPE_DECEPTION);
  violation.set_severity(trust::v1::SEVERITY_MAJOR);
  events.push_back(At(110));
  events.back().mutable_evidence_corrected()->set_event("5");
  *events.back().mutable_evidence_corrected()->mutable_occur_time() =
      projections::ToTimestamp(projections::StartOf(18'050));
  events.push_back(At(120));
  events.back().mutable_evidence_retracted()->set_event("4");
  events.push_back(At(400));
  events.back().mutable_milestone()->mutable_review_held();
  return events;
}

void WriteEvents() {
  const std::vector<trust::v1::Event> events = Events();
  std::string payloads;
  for (const trust::v1::Event& event : events) {
    absl::StrAppend(&payloads, Number(1'600'000'000'000'000, 8), Text(event.SerializeAsString(), 2));
  }
  Write("history", "held", 0, absl::StrCat(Number(30'000, 2), payloads));
  Write("history", "hindsight", 1, absl::StrCat(Number(30'000, 2), payloads));
  for (const bool hindsight : {false, true}) {
    projections::TrustHistory history("alpha", projections::Policy::Default(),
                                      hindsight ? trust::v1::VIEW_HINDSIGHT : trust::v1::VIEW_HELD);
    for (size_t i = 0; i < events.size(); ++i) {
      trust::v1::Event event = events[i];
      event.set_revision(static_cast<int64_t>(i + 1));
      event.mutable_record_time()->set_seconds(1'600'000'000);
      history.Apply(event);
    }
    trust::v1::AssessTrustResponse reading;
    projections::ReadAssessed(history, "", "", 18'600, hindsight, &reading);
    Write("snapshot", hindsight ? "hindsight" : "held", hindsight ? 1 : 0,
          absl::StrCat(Number(30'000, 2), Text(events[4].SerializeAsString(), 2), history.Save("policy")));
  }
  trust::v1::Event rich = events[4];
  rich.mutable_import_origin()->set_external_id("minutes-17");
  *rich.mutable_import_origin()->mutable_original_record_time() = rich.occur_time();
  *rich.mutable_observe_time() = rich.occur_time();
  rich.mutable_note()->set_text("as agreed");
  Write("event", "two", -1, absl::StrCat(Text(events[0].SerializeAsString(), 2), rich.SerializeAsString()));
  Write("event", "again", -1, absl::StrCat(Text(rich.SerializeAsString(), 2), events[7].SerializeAsString()));
}

eventstore::v1::Record RecordOf(const trust::v1::Event& event, uint64_t position, absl::string_view previous) {
  eventstore::v1::Record record;
  record.set_position(position);
  record.set_stream("alpha");
  record.set_revision(position);
  record.set_record_time_us(1'600'000'000'000'000 + static_cast<int64_t>(position));
  const eventstore::EventData data = services::Encode(event);
  record.set_type(data.type);
  record.set_data(data.data);
  record.set_previous_sha256(std::string(previous));
  return record;
}

void WriteRecords() {
  eventstore::v1::Record record = RecordOf(Events()[3], 4, std::string(32, 'h'));
  Write("record", "plain", 0, record.SerializeAsString());
  auto& sealed = *record.add_sealed();
  sealed.set_key_id("alpha/anna");
  sealed.set_nonce(std::string(12, 'n'));
  sealed.set_ciphertext(std::string(40, 'c'));
  Write("record", "sealed", 0, record.SerializeAsString());
  std::string frame;
  eventstore::EncodeFrame(record, &frame);
  Write("record", "frame", 1, frame);
}

void WriteKeys() {
  Write("key", "order", 0, absl::StrCat(Text("alpha"), Text("alpha-1"), Number(1, 8), Number(256, 8), "row"));
  Write("key", "stream", 1, eventstore::StreamKey("alpha", 17));
  Write("key", "tile", 1, eventstore::TileKey(1, 300));
  services::Deed deed;
  deed.fingerprint.assign(services::kFingerprintBytes, 'f');
  deed.partnership = "alpha";
  deed.first_revision = 300;
  deed.event_count = 2;
  Write("key", "deed", 2, services::EncodeDeed(deed));
  Write("key", "written_deed", 3, absl::StrCat("f", Number(300, 8), Number(2, 8), "alpha"));
  Write("key", "place", 4,
        absl::StrCat(Number(18'000, 4), Number(18'001, 4), Number(7, 8), Text("alpha"), Text("acme"), Text("bolt"),
                     "partnerships/alpha/events/8"));
}

void WriteNotes() {
  const auto key = *eventstore::SigningKey::Parse(kKeyText);
  const eventstore::Checkpoint checkpoint = {key.name(), 300, eventstore::Sha256("root")};
  const std::string text = eventstore::CheckpointText(checkpoint);
  Write("note", "checkpoint", 0, text);
  Write("note", "digest", 0, eventstore::Base64Of(checkpoint.root));
  Write("note", "written_checkpoint", 1, absl::StrCat(Number(600, 8), std::string(32, 'r'), key.name()));
  Write("note", "verifier_key", 2, key.verifier().Text());
  Write("note", "private_key", 2, key.Text());
  Write("note", "made_keys", 3, absl::StrCat(Text(std::string(32, 's')), key.name()));
  Write("note", "signed", 4, *eventstore::SignNote(text, key));
  Write("note", "signed_and_changed", 5, absl::StrCat(Number(20, 4), "\x03", text));
  Write("file", "signing_key", 3, absl::StrCat(key.Text(), "\n"));
  const std::string marks =
      absl::StrCat("3 ", eventstore::Base64Of(checkpoint.root), " 2020-01-02T03:04:05.000006Z ", key.name(), "\n300 ",
                   eventstore::Base64Of(checkpoint.root), " 2021-01-02T03:04:05.000006Z \n");
  const std::string watermark = absl::StrCat("watermark/1\n", marks);
  Write("file", "watermark", 0, absl::StrCat(watermark, "sha256 ", eventstore::Sha256Hex(watermark), "\n"));
  Write("file", "marks", 1, marks);
  Write("file", "key_bytes", 2, std::string(32, 'k'));
  Write("file", "key_digits", 2, absl::StrCat(std::string(64, 'a'), "\n"));
  Write("file", "kept_key", 4, absl::StrCat("kK", Text("alpha/anna"), "\x01", "\x02", std::string(60, 'w')));
}

// A whole log of the history, as an export writes it.
void WriteBundle() {
  const auto key = *eventstore::SigningKey::Parse(kKeyText);
  std::vector<trust::v1::Event> events = Events();
  eventstore::TreeFrontier tree;
  std::string records, previous;
  const auto line_text = [](const trust::v1::AuditLine& line) { return absl::StrCat(trustctl::TextOf(line), "\n"); };
  for (size_t i = 0; i < events.size(); ++i) {
    const eventstore::v1::Record record = RecordOf(events[i], i + 1, previous);
    const std::string bytes = record.SerializeAsString();
    const eventstore::Sha256Digest leaf = eventstore::LeafHash(bytes);
    previous.assign(reinterpret_cast<const char*>(leaf.data()), leaf.size());
    tree.Add(leaf);
    trust::v1::AuditLine line;
    trust::v1::AuditRecord& audited = *line.mutable_record();
    audited.set_log_index(static_cast<int64_t>(i));
    audited.set_stream(record.stream());
    audited.set_revision(static_cast<int64_t>(record.revision()));
    audited.set_record(bytes);
    const bool read = projections::ReadStoredEvent(record.stream(), record.revision(), record.record_time_us(),
                                                   record.data(), audited.mutable_event());
    if (!read) std::exit(1);
    absl::StrAppend(&records, line_text(line));
  }
  trust::v1::AuditLine header;
  const eventstore::Sha256Digest root = tree.Root();
  header.mutable_header()->set_format(projections::kAuditFormat);
  header.mutable_header()->set_tree_size(static_cast<int64_t>(events.size()));
  header.mutable_header()->set_root(std::string(reinterpret_cast<const char*>(root.data()), root.size()));
  header.mutable_header()->set_verifier_key(key.verifier().Text());
  header.mutable_header()->set_checkpoint(
      *eventstore::SignNote(eventstore::CheckpointText({key.name(), events.size(), root}), key));
  trust::v1::AuditLine policy;
  const auto own = projections::Policy::Default();
  policy.mutable_policy()->set_sha256(eventstore::Sha256Hex(own->canonical_text()));
  policy.mutable_policy()->set_version(own->version());
  policy.mutable_policy()->set_document(own->canonical_text());
  policy.mutable_policy()->set_built_in(true);
  trust::v1::AuditLine end;
  end.mutable_end()->set_record_count(static_cast<int64_t>(events.size()));
  const std::string lines = absl::StrCat(line_text(header), line_text(policy), records);
  end.mutable_end()->set_sha256(eventstore::Sha256Hex(lines));
  Write("audit_bundle", "whole", 0, absl::StrCat(lines, line_text(end)));
  Write("audit_bundle", "digested", 1, absl::StrCat(line_text(header), records, line_text(end)));
  Write("audit_bundle", "part", 3, absl::StrCat(line_text(header), records));
  Write("audit_line", "header", 0, trustctl::TextOf(header));
  Write("audit_line", "record", 0, records.substr(0, records.find('\n')));
  trust::v1::AuditLine proved;
  proved.mutable_record()->set_log_index(7);
  proved.mutable_record()->set_stream("alpha");
  proved.mutable_record()->set_record("bytes");
  proved.mutable_record()->set_revision(8);
  proved.mutable_record()->add_proof(std::string(32, 'p'));
  proved.mutable_record()->add_proof(std::string(32, 'q'));
  *proved.mutable_record()->mutable_event() = events[7];
  Write("audit_line", "proof", 1, proved.SerializeAsString());
  Write("audit_line", "end", 1, end.SerializeAsString());
}

void WriteRequests() {
  trust::v1::CreatePartnershipRequest create;
  create.set_partnership("beta");
  create.set_recorder("acme");
  for (const char* const name : {"acme", "bolt"}) create.add_partners()->set_organization(name);
  create.mutable_initial_contact_time()->set_seconds(1'600'000'000);
  Write("command", "create", 0, create.SerializeAsString());
  trust::v1::RecordEvidenceRequest record;
  record.set_partnership("alpha");
  record.set_recorder("acme");
  record.mutable_occur_time()->set_seconds(1'650'000'000);
  *record.mutable_evidence() = Events()[4].evidence();
  Write("command", "record", 5, record.SerializeAsString());
  trust::v1::BatchRecordEvidenceRequest batch;
  batch.set_partnership("alpha");
  batch.set_recorder("acme");
  for (int i = 0; i < 2; ++i) {
    auto& item = *batch.add_items();
    *item.mutable_occur_time() = record.occur_time();
    *item.mutable_evidence() = record.evidence();
  }
  Write("command", "batch", 6, batch.SerializeAsString());
  trust::v1::ListEventsRequest list;
  list.add_kinds("evidence");
  list.add_kinds("partner_joined");
  list.set_organization("acme");
  list.set_recorder("acme");
  Write("filter", "list", 0, list.SerializeAsString());
  trust::v1::WatchEventsRequest watch;
  watch.add_partnerships("alpha");
  watch.add_partnerships("beta");
  watch.add_kinds("milestone.");
  Write("filter", "watch", 1, watch.SerializeAsString());
}

void WriteTokens() {
  Write("token", "position", 0, absl::StrCat(Text(""), services::LogPositionToken(300)));
  Write("token", "first_position", 0, absl::StrCat(Text(""), "AQAAAAAAAAEKWPahmw"));
  Write("token", "page", 0, absl::StrCat(Text("list"), services::PageToken("17", "list")));
  Write("token", "traceparent", 0, absl::StrCat(Text(""), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  Write("token", "written", 1, absl::StrCat(Number(300, 8), Text("list"), "17"));
  Write("token", "events", 2, absl::StrCat(std::string(1, '\0'), "\x02", "17"));
  Write("token", "events_of_one", 2, absl::StrCat("\x01", "\x02", "7"));
  Write("token", "attention", 3,
        absl::StrCat(std::string(1, '\0'), "\x02", services::DayKey(20'000), services::DayKey(19'990), "\x01", "alpha",
                     std::string(1, '\0'), "acme", std::string(1, '\0'), "bolt"));
}

void WriteLogFiles() {
  Write("wal", "small", 1, absl::StrCat(Number(30, 4), "\x01", Number(20, 2), "a", Number(10, 2), "b"));
  Write("wal", "blocks", 1,
        absl::StrCat(Number(40'000, 4), "\x03", Number(30'000, 2), "a", Number(60'000, 2), "b", Number(500, 2),
                     std::string(1, '\0'), Number(9, 2), "c"));
}

void WriteTexts() {
  Write("text", "id", 0, "alliance-17");
  Write("text", "uuid", 0, "123e4567-e89b-12d3-a456-426614174000");
  Write("text", "label", 0, "trust-stages/1.0.0");
  Write("text", "event_name", 1, absl::StrCat(Text("alpha"), "partnerships/alpha/events/17"));
  Write("text", "year", 2, "1993");
  Write("text", "day", 2, "1993-01-20");
  Write("text", "instant", 2, "1993-01-20T14:05:00.25+02:00");
  Write("text", "written_date", 3, absl::StrCat(Number(1'600'000'000, 8), Number(5, 4)));
  Write("text", "shown", 4,
        "\x06"
        "a word, a very-long-one-with-hyphens, \xe4\xbf\xa1\xe4\xbb\xbb, e\xcc\x81 and \x1b[31m");
  Write("text", "number", 5, Number(1'234'567, 8));

  trust::v1::ImportItem item;
  item.set_partnership("alpha");
  item.set_external_id("minutes-17");
  item.set_recorder("acme");
  item.set_citation("minutes of the meeting");
  *item.mutable_occur_time() = Events()[4].occur_time();
  *item.mutable_evidence() = Events()[7].evidence();
  Write("import_line", "item", 0, Json(item));
  Write("import_line", "wrong_value", 0, R"({"partnership":"alpha","occurTimePrecision":"TIME_PRECISION_WEEK"})");
  Write("import_line", "wrong_field", 0, R"({"partnership":"alpha","partnr":17})");
  Write("import_line", "cut", 0, R"({"partnership":"alpha","evidence":{"actor":)");
  Write("import_line", "message", 2, item.SerializeAsString());
  Write("import_line", "file", 3,
        absl::StrCat(Number(3, 2), Text("{\"a\":1}\r\n"), Number(3000, 2), Text(std::string(200, 'x')), Number(0, 2),
                     Text("\n# end")));

  Write("policy", "default", 0, projections::Policy::Default()->canonical_text());
  Write("policy", "wrong", 0,
        R"({"version":"other/1","prior_weight_milli":-1,"facets":[{"facet":"FACET_INTEGRITY"}]})");
  Write("policy", "merged", 1, std::string("\x18\x07", 2));
  Write("policy", "changed", 2, std::string("\x03\x01\x02\xff\xff\xff\x7f", 7));
}

void WriteIdentities() {
  Write("permission", "granted", -1,
        R"({"grants":[{"principals":["issuer#ada","x509:CN=app"],"roles":["recorder","reader"],)"
        R"("partnerships":["alpha"],"organizations":["acme"]},{"principals":["spiffe://x/y"],"roles":["auditor"]}]})");
  Write("identity", "token_keys", 0,
        R"({"issuers":[{"issuer":"i","audience":"a","keys":[{"keyId":"k","algorithm":"ES256","publicKey":")"
        R"(-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"}]}]})");
  Write("identity", "token", 1, "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJhZGEifQ.AAAA");
  Write("identity", "signed", 2,
        absl::StrCat(Text(R"({"alg":"RS256","kid":"k1"})"),
                     Text(R"({"iss":"issuer","aud":["other","trustd"],"sub":"ada","exp":1800000000,"nbf":1})", 2),
                     Number(30, 2), "\x01"));
  // Lines of any length are read.
  const std::string certificate =
      absl::StrCat("-----BEGIN CERTIFICATE-----\n", kCertificate, "\n-----END CERTIFICATE-----\n");
  Write("certificate", "with_list", 0,
        absl::StrCat(certificate, "-----BEGIN X509 CRL-----\n", kRevocationList, "\n-----END X509 CRL-----\n"));
  std::string der;
  if (!absl::Base64Unescape(kCertificate, &der)) std::exit(1);
  Write("certificate", "body", 1, der);
}

void WriteProofs() {
  Write("proof", "made", 0, std::string("\x0c\x04\x07\x00\x00\x05", 6));
  Write("proof", "changed", 0, std::string("\x25\x14\x17\x03\x01\x02\x10\x02\x01\x05\x05", 11));
  Write("proof", "anything", 1, absl::StrCat(Number(5, 8), Number(9, 8), std::string(64, 'h'), std::string(96, 'p')));
  Write("proof", "tile", 2,
        std::string("\x00"
                    "abcd",
                    5));
  Write("proof", "place", 3, absl::StrCat("\x09", Number(70, 8), Number(100'000, 8)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: fuzz_seeds DIRECTORY\n", stderr);
    return 2;
  }
  directory = argv[1];
  WriteEvents();
  WriteRecords();
  WriteKeys();
  WriteNotes();
  WriteBundle();
  WriteRequests();
  WriteTokens();
  WriteLogFiles();
  WriteTexts();
  WriteProofs();
  WriteIdentities();
  return 0;
}
