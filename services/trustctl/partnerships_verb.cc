#include "services/trustctl/partnerships_verb.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/date.h"
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

absl::Status RunPartnerships(const Invocation& /*invocation*/, Session& session) {
  trust::v1::ListPartnershipsRequest request;
  request.set_page_size(kPartnershipsPageSize);
  const Console& console = session.console;
  Table table({{"partnership"}, {"state"}, {"since"}, {"partners", false, true}, {"name", false, true, true}});
  int64_t partnerships = 0;
  do {
    const auto page = session.connection.ListPartnerships(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
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
  } while (!request.page_token().empty());
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
      "Lists every partnership by id, with its state, first contact and partners.\n\n"
      "With --json one ListPartnershipsResponse a page is printed.";
  verb.syntax.examples = {"trustctl partnerships"};
  verb.run = RunPartnerships;
  return verb;
}

}  // namespace trustctl
