#include "services/identity/permissions.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "services/domain/identifier.h"
#include "services/identity/certificates.h"

namespace identity {
namespace {

constexpr size_t kFileBytesMax = 4 << 20;

constexpr std::array kRoles = {trust::v1::ROLE_RECORDER, trust::v1::ROLE_READER, trust::v1::ROLE_AUDITOR,
                               trust::v1::ROLE_OPERATOR, trust::v1::ROLE_POLICY_MAKER};

absl::Status WrongFile(absl::string_view what) { return absl::InvalidArgumentError(what); }

std::string AllRoleWords() {
  std::vector<std::string> words;
  for (const trust::v1::Role role : kRoles) words.emplace_back(RoleWord(role));
  return absl::StrJoin(words, ", ");
}

// The forms in which this server writes who somebody is.
bool IsPrincipal(absl::string_view text) {
  if (text.empty() || text.size() > kPrincipalBytesMax) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  if (absl::StartsWith(text, "spiffe://")) return text.size() > 9 && !absl::StrContains(text, '#');
  if (absl::ConsumePrefix(&text, "x509:")) {
    // As RFC 2253 has it, and no tool's own way of printing it, which would never be met.
    return absl::StrContains(text, '=') && !absl::StrContains(text, " =") && !absl::StrContains(text, "= ") &&
           !absl::StartsWith(text, "subject=");
  }
  const size_t hash = text.find('#');
  return hash != absl::string_view::npos && hash > 0 && hash + 1 < text.size();
}

// The value of a string field of a request, or all of a repeated one. A request without the field has none.
std::vector<std::string> Strings(const google::protobuf::Message& request, const char* name) {
  const google::protobuf::FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName(name);
  std::vector<std::string> values;
  if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return values;
  const google::protobuf::Reflection& fields = *request.GetReflection();
  if (!field->is_repeated()) {
    std::string value = fields.GetString(request, field);
    if (!value.empty()) values.push_back(std::move(value));
    return values;
  }
  for (int i = 0; i < fields.FieldSize(request, field); ++i) {
    values.push_back(fields.GetRepeatedString(request, field, i));
  }
  return values;
}

// What a request says of itself, as far as limits go.
struct Claim {
  std::vector<std::string> partnerships;
  std::string recorder;
  std::string organization;
  trust::v1::RequestScope scope;
};

// What stands against a request in one grant; empty when nothing does.
std::string Objection(const Grant& grant, const Claim& claim, const IsPartner& is_partner) {
  if (!grant.limited() || claim.scope == trust::v1::REQUEST_SCOPE_NONE) return "";
  const bool commands =
      claim.scope == trust::v1::REQUEST_SCOPE_COMMAND || claim.scope == trust::v1::REQUEST_SCOPE_FOUNDATION;
  if (claim.scope == trust::v1::REQUEST_SCOPE_ORGANIZATION) {
    if (!grant.partnerships.empty()) return "the grant is limited to some partnerships; ask for each by its id";
    if (claim.organization.empty()) return "the grant is limited to some organizations; name one of them";
    return grant.organizations.contains(claim.organization) ? "" : "the grant does not cover this organization";
  }
  if (claim.partnerships.empty()) return "the grant is limited; name a partnership that it covers";
  for (const std::string& partnership : claim.partnerships) {
    if (!grant.partnerships.empty() && !grant.partnerships.contains(partnership)) {
      return "the grant does not cover this partnership";
    }
  }
  if (grant.organizations.empty()) return "";
  if (commands && claim.recorder.empty()) return "the grant is limited to some organizations; name one as recorder";
  if (commands && !grant.organizations.contains(claim.recorder)) {
    return absl::StrCat("recorder: the grant does not cover the organization ", claim.recorder.substr(0, 64));
  }
  if (claim.scope == trust::v1::REQUEST_SCOPE_FOUNDATION) return "";
  for (const std::string& partnership : claim.partnerships) {
    // A command speaks for one organization, which must be a partner itself.
    const bool covered = commands ? is_partner(partnership, claim.recorder)
                                  : std::any_of(grant.organizations.begin(), grant.organizations.end(),
                                                [&](const std::string& one) { return is_partner(partnership, one); });
    if (!covered) return "the grant does not cover this partnership";
  }
  return "";
}

// The claims of a request: one, or one an item.
std::vector<Claim> ClaimsOf(const google::protobuf::Message& request, trust::v1::RequestScope scope) {
  if (scope != trust::v1::REQUEST_SCOPE_ITEMS) {
    Claim claim{Strings(request, "partnership"), "", "", scope};
    for (std::string& partnership : Strings(request, "partnerships")) {
      claim.partnerships.push_back(std::move(partnership));
    }
    const auto first = [&](const char* name) {
      const std::vector<std::string> values = Strings(request, name);
      return values.empty() ? std::string() : values.front();
    };
    claim.recorder = first("recorder");
    claim.organization = first("organization");
    return {std::move(claim)};
  }
  std::vector<Claim> claims;
  const google::protobuf::FieldDescriptor* const items = request.GetDescriptor()->FindFieldByName("items");
  if (items == nullptr || !items->is_repeated()) return claims;
  for (int i = 0; i < request.GetReflection()->FieldSize(request, items); ++i) {
    // Imports create what they fill, so that nobody can be a partner before.
    std::vector<Claim> item =
        ClaimsOf(request.GetReflection()->GetRepeatedMessage(request, items, i), trust::v1::REQUEST_SCOPE_FOUNDATION);
    claims.push_back(std::move(item.front()));
  }
  return claims;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Permissions>> Permissions::Parse(absl::string_view text) {
  if (text.size() > kFileBytesMax) return WrongFile("it is larger than 4 MiB");
  trust::v1::PermissionFile file;
  const google::protobuf::util::Status parsed =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &file);
  if (!parsed.ok()) {
    return WrongFile(
        absl::StrCat("it is no JSON of the form {\"grants\": [{\"principals\": [...], \"roles\": [...]}]}: ",
                     absl::StrReplaceAll(std::string(parsed.message()).substr(0, 300), {{"\n", " "}})));
  }
  if (file.grants().empty()) return WrongFile("it grants nothing, so that nobody could do anything; add a grant");
  auto permissions = std::make_shared<Permissions>();
  for (int i = 0; i < file.grants_size(); ++i) {
    const trust::v1::Grant& said = file.grants(i);
    const std::string where = absl::StrCat("grants[", i, "]");
    Grant grant;
    if (said.principals().empty()) return WrongFile(absl::StrCat(where, ".principals: name at least one"));
    if (said.roles().empty()) return WrongFile(absl::StrCat(where, ".roles: name at least one of ", AllRoleWords()));
    for (const std::string& word : said.roles()) {
      const auto* const role =
          std::find_if(kRoles.begin(), kRoles.end(), [&](trust::v1::Role one) { return RoleWord(one) == word; });
      if (role == kRoles.end()) {
        return WrongFile(
            absl::StrCat(where, ".roles: \"", word.substr(0, 64), "\" is no role; the roles are ", AllRoleWords()));
      }
      grant.roles.Add(*role);
    }
    for (const auto& [ids, field, into] : {std::tuple(&said.partnerships(), "partnerships", &grant.partnerships),
                                           std::tuple(&said.organizations(), "organizations", &grant.organizations)}) {
      for (const std::string& id : *ids) {
        if (!domain::IsId(id)) {
          return WrongFile(absl::StrCat(where, ".", field, ": \"", id.substr(0, 64),
                                        "\" is no id; ids are [a-z]([a-z0-9-]{0,61}[a-z0-9])?"));
        }
        into->insert(id);
      }
    }
    for (const std::string& principal : said.principals()) {
      if (!IsPrincipal(principal)) {
        return WrongFile(
            absl::StrCat(where, ".principals: \"", principal.substr(0, 64),
                         "\" is no principal; write spiffe://..., ISSUER#SUBJECT, or x509:CN=..., which is "
                         "x509: and what openssl x509 -subject -nameopt RFC2253 prints behind subject="));
      }
      permissions->grants_[principal].push_back(grant);
    }
  }
  return permissions;
}

const Grants* Permissions::Find(absl::string_view principal) const {
  const auto found = grants_.find(principal);
  return found == grants_.end() ? nullptr : &found->second;
}

absl::Status CheckScope(const Grants& grants, const MethodRule& rule, const google::protobuf::Message& request,
                        const IsPartner& is_partner) {
  std::vector<Claim> claims;
  for (const Grant& grant : grants) {
    if (grant.roles.Meets(rule.roles) && !grant.limited()) return absl::OkStatus();
  }
  claims = ClaimsOf(request, rule.scope);
  for (const Claim& claim : claims) {
    std::string objection;
    bool covered = false;
    for (const Grant& grant : grants) {
      if (!grant.roles.Meets(rule.roles)) continue;
      std::string against = Objection(grant, claim, is_partner);
      covered = covered || against.empty();
      if (objection.empty()) objection = std::move(against);
    }
    if (!covered) {
      const bool items = rule.scope == trust::v1::REQUEST_SCOPE_ITEMS;
      return absl::PermissionDeniedError(items ? absl::StrCat("items[", &claim - claims.data(), "]: ", objection)
                                               : objection);
    }
  }
  return absl::OkStatus();
}

}  // namespace identity
