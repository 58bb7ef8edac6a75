#include "services/trustctl/attention_verb.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kItemsPageSize = 1000;

Style StyleOf(const std::string& date, const std::string& today) {
  return date < today ? Style::kBad : date == today ? Style::kWarning : Style::kPlain;
}

absl::Status RunAttention(const Invocation& invocation, Session& session) {
  trust::v1::ListAttentionRequest request;
  if (!invocation.arguments.empty()) request.set_partnership(invocation.arguments[0]);
  int days = 0;
  if (invocation.Has("within") && (!absl::SimpleAtoi(invocation.Get("within"), &days) || days < 1 || days > 3650)) {
    return UsageError(absl::StrCat("--within wants days, 1 to 3650, not \"", invocation.Get("within"), "\""));
  }
  request.set_within_days(days);
  request.set_page_size(kItemsPageSize);
  const Console& console = session.console;
  Table table({{"date"}, {"what"}, {"partnership"}, {"in words", false, true, true}});
  int64_t items = 0;
  std::string today;
  do {
    const auto page = session.connection.ListAttention(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    today = page->as_of_date();
    for (const trust::v1::AttentionItem& item : page->items()) {
      table.Add({{item.date(), StyleOf(item.date(), today)}, InWords(item.kind()), item.partnership(), item.text()});
    }
    items += page->items_size();
    table.Print(console);
  } while (!request.page_token().empty());
  if (!console.json) {
    console.out << (items > 0 ? "\n" : "")
                << Styled(console, Style::kFaint, absl::StrCat(Count(items, "matter"), " on ", today, ".")) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb AttentionVerb() {
  Verb verb;
  verb.syntax.name = "attention";
  verb.syntax.arguments = "[PARTNERSHIP]";
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "what needs care: overdue promises, open conflicts, trust about to fade";
  verb.syntax.description =
      "Lists what needs care now or soon, by day: promises overdue, conflicts and violations open, reviews due, "
      "directions whose stage lapses unless something happens. Of one partnership, or of all.\n\n"
      "With --json one ListAttentionResponse a page is printed.";
  verb.syntax.flags = {{"within", "DAYS", "how far to look ahead for what lapses, 1 to 3650; default 90"}};
  verb.syntax.examples = {"trustctl attention", "trustctl attention klm-northwest --within 30"};
  verb.run = RunAttention;
  return verb;
}

}  // namespace trustctl
