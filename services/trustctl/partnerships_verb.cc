#include "services/trustctl/partnerships_verb.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/date.h"
#include "services/trustctl/short_form.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kPartnershipsPageSize = 200;

std::string PartnersOf(const trust::v1::Partnership& partnership) {
  std::vector<std::string> names;
  for (const trust::v1::Partner& partner : partnership.partners()) names.push_back(partner.organization());
  return absl::StrJoin(names, ", ");
}

// The number of the value that the flag names; 0 without it.
absl::StatusOr<int> ValueOf(const google::protobuf::EnumDescriptor& type, const char* flag,
                            const Invocation& invocation) {
  return invocation.Has(flag) ? ParseEnum(type, absl::StrCat("--", flag), invocation.Get(flag)) : 0;
}

absl::StatusOr<trust::v1::ListPartnershipsRequest> ListRequestOf(const Invocation& invocation) {
  trust::v1::ListPartnershipsRequest request;
  request.set_page_size(kPartnershipsPageSize);
  request.set_organization(invocation.Get("organization"));
  const absl::StatusOr<int> stage = ValueOf(*trust::v1::Stage_descriptor(), "stage", invocation);
  if (!stage.ok()) return stage.status();
  request.set_stage(static_cast<trust::v1::Stage>(*stage));
  const absl::StatusOr<int> condition = ValueOf(*trust::v1::Condition_descriptor(), "condition", invocation);
  if (!condition.ok()) return condition.status();
  request.set_condition(static_cast<trust::v1::Condition>(*condition));
  return request;
}

absl::Status RunPartnerships(const Invocation& invocation, Session& session) {
  absl::StatusOr<trust::v1::ListPartnershipsRequest> request = ListRequestOf(invocation);
  if (!request.ok()) return request.status();
  const Console& console = session.console;
  Table table({{"partnership"}, {"state"}, {"since"}, {"partners", false, true}, {"name", false, true, true}});
  int64_t partnerships = 0;
  do {
    const auto page = session.connection.ListPartnerships(*request);
    if (!page.ok()) return page.status();
    request->set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    for (const trust::v1::Partnership& partnership : page->partnerships()) {
      table.Add({partnership.partnership(), InWords(partnership.state()), FormatDay(partnership.initial_contact_time()),
                 PartnersOf(partnership), partnership.display_name()});
    }
    partnerships += page->partnerships_size();
    table.Print(console);
  } while (!request->page_token().empty());
  if (!console.json) {
    console.out << (partnerships > 0 ? "\n" : "")
                << Styled(console, Style::kFaint, absl::StrCat(Count(partnerships, "partnership"), ".")) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb PartnershipsVerb() {
  Verb verb;
  verb.syntax.name = "partnerships";
  verb.syntax.summary = "which partnerships there are";
  verb.syntax.description =
      "Lists the partnerships by id, with their state, first contact and partners: all, or those that the flags "
      "choose. "
      "With --stage and --condition together one direction has both.\n\n"
      "With --json one ListPartnershipsResponse a page is printed.";
  verb.syntax.flags = {{"organization", "ID", "only those that it is a partner of"},
                       {"stage", "STAGE", "only those in which a direction has this stage today"},
                       {"condition", "CONDITION", "only those in which a direction has this condition today"}};
  verb.syntax.examples = {"trustctl partnerships", "trustctl partnerships --organization klm",
                          "trustctl partnerships --condition breached"};
  verb.run = RunPartnerships;
  return verb;
}

}  // namespace trustctl
