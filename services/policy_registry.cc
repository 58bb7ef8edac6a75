#include "services/policy_registry.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"
#include "google/protobuf/util/json_util.h"
#include "projections/day.h"
#include "projections/policy_rules.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {
namespace {

// A compiled policy takes some hundred kilobytes.
constexpr size_t kCompiledMax = 16;

absl::Status PolicyNotFound(absl::string_view name) {
  return domain::NotFound(
      trust::v1::ERROR_REASON_POLICY_NOT_FOUND, "policy", name,
      absl::StrCat("there is no policy ", name, "; ListPolicies lists them, PublishPolicy publishes one"));
}

bool ReadDocument(const std::string& text, trust::v1::PolicyDocument* document) {
  return google::protobuf::util::JsonStringToMessage(text, document).ok();
}

}  // namespace

PolicyRegistry::PolicyRegistry() : built_in_compiled_(projections::Policy::Default()) {
  auto built_in = std::make_shared<RegisteredPolicy>();
  built_in->version = built_in_compiled_->version();
  built_in->canonical_text = built_in_compiled_->canonical_text();
  built_in->sha256 = eventstore::Sha256Hex(built_in->canonical_text);
  built_in->built_in = true;
  built_in_ = std::move(built_in);
  policies_.push_back(built_in_);
  by_name_[built_in_->version] = built_in_;
  by_name_[built_in_->sha256] = built_in_;
}

absl::Status PolicyRegistry::CatchUp(const eventstore::EventStore& store) {
  uint64_t after = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    after = static_cast<uint64_t>(revision_);
  }
  const absl::StatusOr<uint64_t> length = store.StreamRevision(kPolicyStream);
  if (!length.ok()) return ReadFault(length.status());
  if (*length <= after) return absl::OkStatus();
  trust::v1::Event event;
  absl::Status decoded;
  const absl::Status read = store.ReadStream(kPolicyStream, after, [&](const eventstore::RecordedEvent& record) {
    decoded = Decode(record, false, &event);
    if (!decoded.ok()) return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    Take(event, record.position);
    return true;
  });
  if (!decoded.ok()) return ReadFault(decoded);
  if (!read.ok()) return ReadFault(read);
  return absl::OkStatus();
}

void PolicyRegistry::Publish(const std::string& stream, absl::Span<const trust::v1::Event> events) {
  if (stream != kPolicyStream) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const trust::v1::Event& event : events) {
    const absl::StatusOr<uint64_t> position = ParseLogPosition(event.log_position());
    if (position.ok()) Take(event, *position);
  }
}

// What is published and what is read from the store may overlap; a gap between them is left to CatchUp.
void PolicyRegistry::Take(const trust::v1::Event& event, uint64_t position) {
  if (event.revision() != revision_ + 1) return;
  revision_ = event.revision();
  if (event.has_policy_published()) {
    auto policy = std::make_shared<RegisteredPolicy>();
    policy->canonical_text = event.policy_published().document();
    policy->sha256 = absl::BytesToHexString(event.policy_published().sha256());
    policy->publish_time = projections::ToTime(event.record_time());
    trust::v1::PolicyDocument document;
    if (!ReadDocument(policy->canonical_text, &document)) return;
    policy->version = document.version();
    // An older program may have taken in another document under the label that this one's policy has. It is found by
    // its digest then.
    if (policy->version != built_in_->version) by_name_[policy->version] = policy;
    by_name_[policy->sha256] = policy;
    policies_.push_back(std::move(policy));
  } else if (event.has_policy_activated()) {
    last_activations_[absl::BytesToHexString(event.policy_activated().policy_sha256())] = activations_.size();
    activations_.push_back({position, projections::ToTime(event.record_time()), event.policy_activated().approver(),
                            FindSha256(absl::BytesToHexString(event.policy_activated().policy_sha256()))});
  }
}

PolicyRegistry::Registered PolicyRegistry::FindSha256(absl::string_view sha256) const {
  const auto found = by_name_.find(sha256);
  if (found != by_name_.end()) return found->second;
  auto unknown = std::make_shared<RegisteredPolicy>();
  unknown->sha256 = std::string(sha256);
  return unknown;
}

absl::StatusOr<PolicyRegistry::Registered> PolicyRegistry::Find(absl::string_view name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return PolicyNotFound(name);
  return found->second;
}

PolicyRegistry::Registered PolicyRegistry::InForce(absl::Time time, uint64_t position) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Record times never go backwards in the log, so that both cuts leave a beginning of it.
  for (auto activation = activations_.rbegin(); activation != activations_.rend(); ++activation) {
    if (activation->record_time <= time && activation->position <= position) return activation->policy;
  }
  return built_in_;
}

PolicyRegistry::Registered PolicyRegistry::Applies(absl::string_view pinned_sha256, absl::Time time,
                                                   uint64_t position) const {
  if (pinned_sha256.empty()) return InForce(time, position);
  const std::lock_guard<std::mutex> lock(mutex_);
  return FindSha256(pinned_sha256);
}

absl::StatusOr<std::shared_ptr<const projections::Policy>> PolicyRegistry::Compile(const RegisteredPolicy& policy) {
  if (policy.sha256 == built_in_->sha256) return built_in_compiled_;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto entry = compiled_.begin(); entry != compiled_.end(); ++entry) {
      if (entry->first != policy.sha256) continue;
      compiled_.splice(compiled_.begin(), compiled_, entry);
      return compiled_.front().second;
    }
  }
  if (policy.version.empty()) return PolicyNotFound(policy.sha256);
  trust::v1::PolicyDocument document;
  if (ReadDocument(policy.canonical_text, &document) && document.algorithm() != projections::kAlgorithmVersion) {
    return domain::FailedPrecondition(trust::v1::ERROR_REASON_ALGORITHM_UNKNOWN, policy.version,
                                      absl::StrCat(policy.version, " is for version ", document.algorithm(),
                                                   " of the algorithm, and this program has ",
                                                   projections::kAlgorithmVersion, "; use a newer program"));
  }
  absl::StatusOr<std::shared_ptr<const projections::Policy>> compiled =
      projections::Policy::Parse(policy.canonical_text);
  if (!compiled.ok()) return ReadFault(compiled.status());
  const std::lock_guard<std::mutex> lock(mutex_);
  compiled_.emplace_front(policy.sha256, *compiled);
  if (compiled_.size() > kCompiledMax) compiled_.pop_back();
  return *std::move(compiled);
}

std::string PolicyRegistry::Sha256Of(const projections::Policy& policy) const {
  if (&policy == built_in_compiled_.get()) return built_in_->sha256;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [sha256, compiled] : compiled_) {
      if (compiled.get() == &policy) return sha256;
    }
  }
  const std::string sha256 = eventstore::Sha256Hex(policy.canonical_text());
  const std::lock_guard<std::mutex> lock(mutex_);
  return by_name_.contains(sha256) ? sha256 : std::string();
}

trust::v1::Policy PolicyRegistry::Describe(const RegisteredPolicy& policy) const {
  trust::v1::Policy described;
  described.set_version(policy.version);
  described.set_sha256(policy.sha256);
  described.set_active(InForce()->sha256 == policy.sha256);
  described.set_built_in(policy.built_in);
  if (policy.publish_time != absl::InfinitePast()) {
    *described.mutable_publish_time() = projections::ToTimestamp(policy.publish_time);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto last = last_activations_.find(policy.sha256);
  if (last != last_activations_.end()) {
    const Activation& activation = activations_[last->second];
    *described.mutable_activate_time() = projections::ToTimestamp(activation.record_time);
    described.set_approver(activation.approver);
  }
  return described;
}

std::vector<PolicyRegistry::Registered> PolicyRegistry::List(size_t after, size_t count) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t begin = std::min(after, policies_.size());
  const size_t end = begin + std::min(count, policies_.size() - begin);
  return {policies_.begin() + static_cast<ptrdiff_t>(begin), policies_.begin() + static_cast<ptrdiff_t>(end)};
}

}  // namespace services
