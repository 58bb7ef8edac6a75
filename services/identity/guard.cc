#include "services/identity/guard.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/identity/method_rules.h"

namespace identity {
namespace {

constexpr size_t kRememberedMax = 1024;  // Of each kind; then all are forgotten and read again.

// Remembers what a text said.
template <class Value>
void Remember(absl::flat_hash_map<std::string, std::shared_ptr<const Value>>& known, absl::string_view text,
              std::shared_ptr<const Value> value) {
  if (known.size() >= kRememberedMax) known.clear();
  known.insert_or_assign(std::string(text), std::move(value));
}

std::string WordsOf(Roles roles) {
  std::vector<absl::string_view> words;
  for (const trust::v1::Role role : {trust::v1::ROLE_RECORDER, trust::v1::ROLE_READER, trust::v1::ROLE_AUDITOR,
                                     trust::v1::ROLE_OPERATOR, trust::v1::ROLE_POLICY_MAKER}) {
    if (roles.Meets(Roles::Of(role))) words.push_back(RoleWord(role));
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace

void Guard::SetPermissions(std::shared_ptr<const Permissions> permissions) {
  const std::lock_guard<std::mutex> lock(mutex_);
  permissions_ = std::move(permissions);
}

void Guard::SetTokenKeys(std::shared_ptr<const TokenKeys> keys) {
  const std::lock_guard<std::mutex> lock(mutex_);
  token_keys_ = std::move(keys);
  tokens_.clear();
}

void Guard::SetRevocations(std::shared_ptr<const RevocationList> revocations) {
  const std::lock_guard<std::mutex> lock(mutex_);
  revocations_ = std::move(revocations);
}

absl::StatusOr<Peer> Guard::FindPeer(absl::string_view pem, absl::Time now) const {
  std::shared_ptr<const Peer> peer;
  std::shared_ptr<const RevocationList> revocations;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = peers_.find(pem);
    if (found != peers_.end()) peer = found->second;
    revocations = revocations_;
  }
  if (peer == nullptr) {
    absl::StatusOr<Peer> read = ReadPeer(pem);
    if (!read.ok()) return read.status();
    peer = std::make_shared<const Peer>(*std::move(read));
    const std::lock_guard<std::mutex> lock(mutex_);
    Remember(peers_, pem, peer);
  }
  if (now > peer->not_after) return absl::UnauthenticatedError("the certificate has ended; connect with a new one");
  if (now < peer->not_before) return absl::UnauthenticatedError("the certificate has not begun");
  if (revocations != nullptr && revocations->Revokes(*peer)) {
    return absl::UnauthenticatedError("the certificate was revoked");
  }
  return *peer;
}

absl::StatusOr<Token> Guard::FindToken(absl::string_view text) const {
  std::shared_ptr<const TokenKeys> keys;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tokens_.find(text);
    if (found != tokens_.end()) return *found->second;
    keys = token_keys_;
  }
  if (keys == nullptr) return absl::UnauthenticatedError("this server takes no tokens; leave authorization out");
  absl::StatusOr<Token> read = keys->Read(text);
  if (!read.ok()) return read.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  // Not what was judged by keys that were replaced meanwhile.
  if (keys == token_keys_) Remember(tokens_, text, std::make_shared<const Token>(*read));
  return read;
}

absl::StatusOr<std::string> Guard::Identify(const Presented& presented, absl::Time now) const {
  std::string principal;
  if (!presented.certificate.empty()) {
    absl::StatusOr<Peer> peer = FindPeer(presented.certificate, now);
    if (!peer.ok()) return peer.status();
    principal = std::move(peer->principal);
  }
  if (presented.authorizations.empty()) {
    if (!principal.empty()) return principal;
    return absl::UnauthenticatedError(
        "the caller is not known: connect with a certificate, or send a token in the metadata authorization, as "
        "Bearer and the token");
  }
  if (presented.authorizations.size() > 1) return absl::UnauthenticatedError("authorization comes more than once");
  const absl::string_view value = presented.authorizations.front();
  constexpr absl::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(value, kScheme)) {
    return absl::UnauthenticatedError("authorization is not Bearer, a space and a token");
  }
  const absl::StatusOr<Token> token = FindToken(value.substr(kScheme.size()));
  if (!token.ok()) return token.status();
  if (!token->IsValidAt(now)) {
    return absl::UnauthenticatedError(now >= token->expires ? "the token has expired; send a new one"
                                                            : "the token is not valid yet");
  }
  return token->principal;
}

absl::StatusOr<Admission> Guard::Admit(const Presented& presented, absl::string_view path, absl::Time now) const {
  absl::StatusOr<std::string> principal = Identify(presented, now);
  if (!principal.ok()) return principal.status();
  const MethodRule* const rule = MethodRules::Get().Find(path);
  if (rule == nullptr) return absl::PermissionDeniedError("nobody may call this method; it has no rule");
  Admission admission;
  admission.principal = *std::move(principal);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    admission.permissions = permissions_;
  }
  if (admission.permissions != nullptr) admission.grants = admission.permissions->Find(admission.principal);
  if (rule->everyone) return admission;
  bool limited = false;
  for (const Grant& grant : admission.grants == nullptr ? Grants() : *admission.grants) {
    if (!grant.roles.Meets(rule->roles)) continue;
    // A limited grant reaches only what shows what it is about.
    if (!grant.limited() || rule->scope != trust::v1::REQUEST_SCOPE_UNSPECIFIED) return admission;
    limited = true;
  }
  if (limited) {
    return absl::PermissionDeniedError(
        absl::StrCat(admission.principal, " has a grant that is limited, and this method is about everything"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(admission.principal, " has none of the roles that may call this: ", WordsOf(rule->roles)));
}

absl::Status Guard::CheckCertificate(absl::string_view pem, absl::Time now) const {
  return FindPeer(pem, now).status();
}

}  // namespace identity
