#include "tests/benchmark/workload.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace benchmark {
namespace {

constexpr char kActor[] = "acme-industries";
constexpr char kAffected[] = "globex-logistics";
constexpr char kUuidShape[] = "00000000-0000-4000-8000-000000000000";
constexpr int kImportMessages = 16;
constexpr uint64_t kTemplates = 1000;  // Of requests that are sent to partnerships without number.

// SplitMix64: a bijection that looks like chance.
uint64_t Mix(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

// Writes 16 hexadecimal digits.
void WriteHex(uint64_t number, char* to) {
  for (int i = 15; i >= 0; --i, number >>= 4) to[i] = "0123456789abcdef"[number & 15];
}

// Makes a text of the shape of a UUID another one; the groups of 8 and 12 digits change.
void WriteUuid(uint64_t number, std::string& uuid) {
  std::array<char, 16> digits;
  WriteHex(number, digits.data());
  std::copy_n(digits.begin(), 8, uuid.begin());
  std::copy_n(digits.begin() + 8, 8, uuid.end() - 8);
}

// Noon of a day counted from the first of 2020.
google::protobuf::Timestamp NoonOf(int day) {
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2020, 1, 1) + day, absl::UTCTimeZone())) +
                   int64_t{12} * 3600);
  return time;
}

// Routine acts that refer to nothing.
void SetRoutineKind(uint64_t number, trust::v1::Evidence& evidence) {
  switch (number % 7) {
    case 0:
      evidence.mutable_open_communication_observed();
      break;
    case 1:
      evidence.mutable_transparency_demonstrated();
      break;
    case 2:
      evidence.mutable_credibility_assessed()->set_result(trust::v1::CREDIBILITY_RESULT_SUPPORTED);
      break;
    case 3:
      evidence.mutable_feedback_given();
      break;
    case 4:
      evidence.mutable_consistency_observed();
      break;
    case 5:
      evidence.mutable_partner_goal_supported();
      break;
    default:
      evidence.mutable_mutual_understanding_confirmed();
  }
}

void SetConcerned(bool forward, trust::v1::Evidence& evidence) {
  evidence.set_actor(forward ? kActor : kAffected);
  evidence.add_affected(forward ? kAffected : kActor);
}

// The item at a place of a history: after the founding and the agreement a promise, its fulfilment and three routine
// acts, again and again, from both sides in turn, two days apart.
void FillItem(int place, trust::v1::ImportItem& item) {
  item.set_external_id(absl::StrCat("contract-ledger-", place));
  *item.mutable_occur_time() = NoonOf(2 * place);
  item.set_citation(absl::StrCat("Joint steering committee, minutes of meeting ", place, ", agenda item 4, page 12"));
  if (place == 0) {
    trust::v1::PartnershipProposed& founding = *item.mutable_partnership_proposed();
    founding.set_display_name("Acme and Globex");
    founding.add_partners()->set_organization(kActor);
    founding.add_partners()->set_organization(kAffected);
    return;
  }
  if (place == 1) {
    item.mutable_milestone()->mutable_agreement_signed();
    return;
  }
  *item.mutable_observe_time() = NoonOf(2 * place + 1);
  trust::v1::Evidence& evidence = *item.mutable_evidence();
  const int round = (place - 2) / 5;
  SetConcerned(round % 2 == 0, evidence);
  evidence.set_materiality(place % 3 == 0 ? trust::v1::MATERIALITY_HIGH : trust::v1::MATERIALITY_MEDIUM);
  evidence.set_label(absl::StrCat("delivery-lot-", 1000 + round));
  switch ((place - 2) % 5) {
    case 0:
      *evidence.mutable_commitment_made()->mutable_due_time() = NoonOf(2 * place + 30);
      break;
    case 1:
      evidence.mutable_commitment_fulfilled()->set_commitment(absl::StrCat("contract-ledger-", place - 1));
      break;
    default:
      SetRoutineKind(static_cast<uint64_t>(place), evidence);
  }
}

}  // namespace

std::string PartnershipId(char kind, uint64_t number) {
  std::string id = absl::StrCat(std::string(1, kind), "-0000000000000000");
  WriteHex(Mix(number), &id[2]);
  return id;
}

CreationSource::CreationSource(const Share& share) : share_(share), number_(share.first) {
  request_.set_display_name("Acme and Globex");
  request_.add_partners()->set_organization(kActor);
  request_.add_partners()->set_organization(kAffected);
  *request_.mutable_initial_contact_time() = NoonOf(0);
  request_.set_recorder(kActor);
}

AssessmentSource::AssessmentSource(const Share& share, bool once) : share_(share), once_(once), number_(share.first) {
  request_.set_trustor(kAffected);
  request_.set_trustee(kActor);
}

const AssessmentSource::Request* AssessmentSource::Next() {
  if (number_ >= share_.count) {
    if (once_) return nullptr;
    number_ = share_.first;
  }
  request_.set_partnership(PartnershipId('p', number_));
  number_ += share_.step;
  return &request_;
}

const CreationSource::Request* CreationSource::Next() {
  if (number_ >= share_.count) return nullptr;
  request_.set_partnership(PartnershipId('p', number_));
  number_ += share_.step;
  return &request_;
}

EvidenceSource::EvidenceSource(const Share& share, bool with_request_id, uint64_t salt) : random_(salt << 40) {
  for (uint64_t number = share.first; number < share.count; number += share.step) {
    Request& request = requests_.emplace_back();
    request.set_partnership(PartnershipId('p', number));
    request.set_recorder(kAffected);
    *request.mutable_occur_time() = NoonOf(static_cast<int>(number % 1500) + 1);
    *request.mutable_observe_time() = NoonOf(static_cast<int>(number % 1500) + 2);
    trust::v1::Evidence& evidence = *request.mutable_evidence();
    SetConcerned(true, evidence);
    evidence.set_materiality(trust::v1::MATERIALITY_HIGH);
    evidence.set_label(absl::StrCat("delivery-lot-", 1000 + number % 9000));
    SetRoutineKind(number, evidence);
    request.set_correlation_id(kUuidShape);
    request.set_causation_id(absl::StrCat("goods-receipt-", 100'000 + number));
    if (with_request_id) request.set_request_id(kUuidShape);
  }
}

const EvidenceSource::Request* EvidenceSource::Next() {
  const uint64_t random = Mix(random_++);
  Request& request = requests_[random % requests_.size()];
  WriteUuid(random, *request.mutable_correlation_id());
  if (!request.request_id().empty()) WriteUuid(random, *request.mutable_request_id());
  return &request;
}

SpreadEvidenceSource::SpreadEvidenceSource(uint64_t count, uint64_t salt)
    : count_(count), templates_({0, 1, kTemplates}, /*with_request_id=*/false, salt), random_(salt << 40) {}

const SpreadEvidenceSource::Request* SpreadEvidenceSource::Next() {
  request_ = *templates_.Next();
  request_.set_partnership(PartnershipId('i', 1 + Mix(random_++) % count_));
  return &request_;
}

SpreadAssessmentSource::SpreadAssessmentSource(uint64_t count, uint64_t begin, uint64_t different, bool once)
    : count_(count), begin_(begin), different_(different), once_(once), step_(count * 5 / 8 + 1) {
  // With no divisor in common the steps meet every number before the first comes again.
  while (std::gcd(step_, count_) != 1) ++step_;
  request_.set_trustor(kAffected);
  request_.set_trustee(kActor);
}

const SpreadAssessmentSource::Request* SpreadAssessmentSource::Next() {
  if (once_ && done_ == different_) return nullptr;
  request_.set_partnership(PartnershipId('i', 1 + (begin_ + done_++ % different_) % count_ * step_ % count_));
  return &request_;
}

ImportSource::ImportSource(int items_max, uint64_t first_number, const HistoryLength& length) : number_(first_number) {
  const uint64_t lengths = static_cast<uint64_t>(length.items_max) - static_cast<uint64_t>(length.items_min) + 1;
  double bytes = 0;
  int items = 0;
  for (int i = 0; i < kImportMessages; ++i) {
    Message& message = messages_.emplace_back();
    for (uint64_t history = 0;; ++history) {
      const uint64_t chance = Mix(static_cast<uint64_t>(i) << 32 | history);
      const int places = length.items_min + static_cast<int>(chance % lengths);
      if (message.request.items_size() + places > items_max) break;
      for (int place = 0; place < places; ++place) FillItem(place, *message.request.add_items());
      message.ends.push_back(message.request.items_size());
    }
    for (trust::v1::ImportItem& item : *message.request.mutable_items()) item.set_partnership(PartnershipId('i', 0));
    for (const trust::v1::ImportItem& item : message.request.items()) bytes += static_cast<double>(item.ByteSizeLong());
    items += message.request.items_size();
  }
  item_bytes_ = bytes / items;
}

const trust::v1::ImportHistoryRequest* ImportSource::Next() {
  Message& message = messages_[next_++ % messages_.size()];
  int index = 0;
  for (const int end : message.ends) {
    std::array<char, 16> digits;
    WriteHex(Mix(number_++), digits.data());
    for (; index < end; ++index) {
      std::copy(digits.begin(), digits.end(), message.request.mutable_items(index)->mutable_partnership()->begin() + 2);
    }
  }
  return &message.request;
}

}  // namespace benchmark
