#include "services/trustctl/report_proof.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/report_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

// A word of a shell, whatever is in it.
std::string ShellQuoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// What is read line by line, and scrolls by itself.
Html Listing(const std::string& name, const std::string& text) {
  return HtmlElement(
      "pre", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", name}, {"data-listing", name}},
      std::vector<Html>{HtmlLines(text)});
}

}  // namespace

Html ProofSection(const std::optional<trust::v1::GetCheckpointResponse>& checkpoint, const std::string& partnership) {
  if (!checkpoint.has_value()) {
    return Paragraph(
        "This server signs no checkpoints, so nothing here can be proved later. trustd --signing_key_file=FILE makes "
        "it "
        "sign them.");
  }
  const std::string bundle = partnership.empty() ? "log.audit" : absl::StrCat(partnership, ".audit");
  const std::string key = absl::StrCat("--verifier-key ", ShellQuoted(checkpoint->verifier_key()));
  std::string export_command = "trustctl audit export";
  if (!partnership.empty()) absl::StrAppend(&export_command, " --partnership ", partnership);
  absl::StrAppend(&export_command, " --out ", bundle, " --tree-size ", checkpoint->size());
  Html content = Paragraph(absl::StrCat(
      "The history that this report was read from is among the ", Count(checkpoint->size(), "record"),
      " that this checkpoint covers. Keep it where the operator of the server cannot reach it; it shows any "
      "later change of them."));
  content.Add(Listing("Checkpoint", checkpoint->checkpoint()));
  content.Add(Paragraph(
      "Save it as kept.checkpoint, to the byte, as the first command does. The second has the server read its log "
      "again "
      "and compare; the others take the history along with its proofs and check it without the server. Compare the key "
      "with one that came to you another way."));
  content.Add(Listing(
      "Commands", absl::StrJoin({absl::StrCat("trustctl checkpoint --size ", checkpoint->size(), " > kept.checkpoint"),
                                 absl::StrCat("trustctl verify --checkpoint kept.checkpoint ", key), export_command,
                                 absl::StrCat("trustctl audit check ", bundle, " --checkpoint kept.checkpoint ", key)},
                                "\n")));
  return content;
}

}  // namespace trustctl
