// Who may call which method, as the protos say it beside each one. Immutable after it is made; thread-safe.

#ifndef SERVICES_IDENTITY_METHOD_RULES_H_
#define SERVICES_IDENTITY_METHOD_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "trust/v1/access.pb.h"

namespace identity {

// A set of roles, one bit each.
class Roles {
 public:
  static Roles Of(trust::v1::Role role) { return Roles(1u << role); }
  static Roles Any() { return Roles(~1u); }  // All but the one that is none.

  void Add(trust::v1::Role role) { bits_ |= 1u << role; }
  bool Meets(Roles other) const { return (bits_ & other.bits_) != 0; }
  bool empty() const { return bits_ == 0; }

  Roles() = default;

 private:
  explicit Roles(uint32_t bits) : bits_(bits) {}

  uint32_t bits_ = 0;
};

struct MethodRule {
  Roles roles;
  trust::v1::RequestScope scope = trust::v1::REQUEST_SCOPE_UNSPECIFIED;
  bool everyone = false;  // Everyone who is known by a certificate or token, also without a grant.
};

class MethodRules {
 public:
  // Those of trust.v1 in this program, and of health and reflection: health answers everyone who is known, reflection
  // everyone who has a role.
  static const MethodRules& Get();

  // The rule of a method, by its path: /trust.v1.TrustService/AssessTrust. Null where there is none, which is a
  // refusal.
  const MethodRule* Find(absl::string_view path) const;

  // The paths of all methods that have a rule, in order.
  std::vector<std::string> Paths() const;

  // The path of the method that takes such requests; empty when none does.
  const std::string& PathOf(const google::protobuf::Descriptor* request) const;

 private:
  MethodRules();

  absl::flat_hash_map<std::string, MethodRule> rules_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::string> paths_;
};

// The word for a role in files and messages: policy-maker. Empty for none.
absl::string_view RoleWord(trust::v1::Role role);

}  // namespace identity

#endif  // SERVICES_IDENTITY_METHOD_RULES_H_
