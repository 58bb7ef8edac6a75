#include "services/trustctl/partnership_table.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/date.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

std::string NameAndId(const std::string& name, const std::string& id) {
  return name.empty() || name == id ? id : absl::StrCat(id, " (", name, ")");
}

std::string PolicyOf(const trust::v1::Partnership& partnership) {
  return partnership.policy_sha256().empty() ? "the one in force"
                                             : absl::StrCat("tied to ", partnership.policy_sha256().substr(0, 12));
}

}  // namespace

void PrintPartnership(const trust::v1::Partnership& partnership, const Console& console) {
  Table table({{"what"}, {.heading = "how it is", .wraps = true}});
  table.Add({"partnership", NameAndId(partnership.display_name(), partnership.partnership())});
  table.Add({"state", InWords(partnership.state())});
  table.Add({"since", FormatDay(partnership.initial_contact_time())});
  if (partnership.has_end_time()) table.Add({"ended", FormatDay(partnership.end_time())});
  for (const trust::v1::Partner& partner : partnership.partners()) {
    table.Add({"partner", NameAndId(partner.display_name(), partner.organization())});
  }
  for (const trust::v1::Tie& tie : partnership.ties()) {
    table.Add({"tie", absl::StrJoin(tie.organizations(), " - ")});
  }
  table.Add({"policy", PolicyOf(partnership)});
  table.Add({"history",
             absl::StrCat(Count(partnership.revision(), "event"), partnership.imported() ? ", all imported" : "")});
  table.Print(console);
}

void PrintContact(const trust::v1::GetContactResponse& contact, const Console& console) {
  Table assignments({{"contact"}, {"of"}, {"from"}, {"until"}});
  for (const trust::v1::ContactAssignment& assignment : contact.assignments()) {
    assignments.Add({contact.contact(), assignment.organization(), assignment.since_date(), assignment.until_date()});
  }
  assignments.Print(console);
  const trust::v1::ContactProfile& profile = contact.profile();
  Table known({{"what"}, {.heading = "who it is", .wraps = true}});
  for (const auto& [what, value] : std::vector<std::pair<std::string, std::string>>{{"name", profile.display_name()},
                                                                                    {"position", profile.position()},
                                                                                    {"email", profile.email()},
                                                                                    {"phone", profile.phone()}}) {
    if (!value.empty()) known.Add({what, value});
  }
  console.out << "\n";
  if (contact.has_erasure()) {
    console.out << "What was known of this person was erased.\n";
  } else if (contact.unreadable()) {
    console.out << "A profile is there that this server cannot read.\n";
  } else if (known.waiting() == 0) {
    console.out << "Nothing is recorded of who it is.\n";
  }
  known.Print(console);
}

}  // namespace trustctl
