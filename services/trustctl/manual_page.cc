#include "services/trustctl/manual_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/settings.h"

namespace trustctl {
namespace {

std::string Heading(absl::string_view title) { return absl::StrCat(".SH ", title, "\n"); }

// A paragraph with a tag before it, the tag in bold.
std::string Tagged(absl::string_view tag, absl::string_view text) {
  return absl::StrCat(".TP\n\\fB", RoffText(tag), "\\fR\n", RoffText(text), "\n");
}

std::string FlagsOf(const std::vector<Flag>& flags) {
  std::string text;
  for (const Flag& flag : flags) absl::StrAppend(&text, Tagged(FlagInHelp(flag), flag.meaning));
  return text;
}

std::string Paragraphs(absl::string_view text) {
  std::string roff;
  for (const absl::string_view paragraph : absl::StrSplit(text, "\n\n")) {
    absl::StrAppend(&roff, ".PP\n", RoffText(paragraph), "\n");
  }
  return roff;
}

std::string Examples(const std::vector<std::string>& lines) {
  std::string text = ".PP\n.RS 4\n.nf\n";
  for (const std::string& line : lines) absl::StrAppend(&text, RoffText(line), "\n");
  return absl::StrCat(text, ".fi\n.RE\n");
}

std::string VerbSection(const VerbSyntax& verb) {
  std::string text = absl::StrCat(".SS ", RoffText(verb.name));
  if (!verb.arguments.empty()) absl::StrAppend(&text, " ", RoffText(verb.arguments));
  absl::StrAppend(&text, "\n", Paragraphs(verb.description), FlagsOf(verb.flags));
  return verb.examples.empty() ? text : absl::StrCat(text, Examples(verb.examples));
}

std::string EnvironmentSection() {
  std::string text = Heading("ENVIRONMENT");
  for (const SettingName& setting : SettingNames()) {
    if (setting.variable.empty()) continue;
    absl::StrAppend(&text, Tagged(setting.variable, absl::StrCat("as --", setting.name)));
  }
  absl::StrAppend(&text, Tagged("TRUSTCTL_CONFIG", "as --config"),
                  Tagged("NO_COLOR", "when it is set to anything, nothing is coloured unless --color always is given"),
                  Tagged("XDG_CONFIG_HOME, HOME", "where the configuration file is looked for"));
  return text;
}

std::string FilesSection() {
  std::string names;
  for (const SettingName& setting : SettingNames()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", setting.name);
  }
  return absl::StrCat(
      Heading("FILES"),
      Tagged("$XDG_CONFIG_HOME/trustctl/config, or else ~/.config/trustctl/config",
             absl::StrCat("The configuration file: a line NAME = VALUE a setting; lines that begin with # are "
                          "comments. The names are ",
                          names,
                          ". A flag counts before the environment, and that before the file. Relative names of files "
                          "in it are relative to its folder.")));
}

std::string ExitSection() {
  std::string text = Heading("EXIT STATUS");
  for (size_t code = 0; code < ExitCodeMeanings().size(); ++code) {
    absl::StrAppend(&text, Tagged(absl::StrCat(code), ExitCodeMeanings()[code]));
  }
  return text;
}

}  // namespace

std::string RoffText(absl::string_view text) {
  std::string roff = absl::StrReplaceAll(
      text, {{"\\", "\\e"}, {"-", "\\-"}, {"'", "\\(aq"}, {"`", "\\(ga"}, {"^", "\\(ha"}, {"~", "\\(ti"}});
  roff = absl::StrReplaceAll(roff, {{"\n.", "\n\\&."}});
  return !roff.empty() && roff[0] == '.' ? absl::StrCat("\\&", roff) : roff;
}

std::string ManualPage(const std::vector<VerbSyntax>& verbs, absl::string_view version) {
  std::string text = absl::StrCat(
      ".\\\" Made by: trustctl man\n.TH TRUSTCTL 1 \"\" \"trustctl ", version, "\" \"User Commands\"\n",
      Heading("NAME"), "trustctl \\- the command line of trustd, which reads how far partners trust each other\n",
      Heading("SYNOPSIS"),
      ".B trustctl\n.I VERB\n.RI [ ARGUMENT ...]\\&\n.RI [ \\-\\-FLAG ...]\\&\n.br\n.B trustctl help\n.I VERB\n",
      Heading("DESCRIPTION"),
      Paragraphs(absl::StrCat(
          "Calls a trustd and shows what it answers: tables for people, wrapped and coloured on a terminal, or "
          "with --json the server's answers as protobuf JSON, an object a line. Answers go to the standard "
          "output, everything about them to the standard error.\n\n",
          kDatesExplained,
          " Flags stand anywhere, as --name VALUE or --name=VALUE; all that follows -- is arguments.")),
      Heading("OPTIONS"), ".PP\nFlags of every verb:\n", FlagsOf(GlobalFlags()), Heading("VERBS"));
  std::string group;
  for (const VerbSyntax& verb : verbs) {
    if (verb.group != group) absl::StrAppend(&text, ".PP\n.B ", RoffText(verb.group), "\n");
    group = verb.group;
    absl::StrAppend(&text, VerbSection(verb));
  }
  absl::StrAppend(&text, EnvironmentSection(), FilesSection(), ExitSection(), Heading("EXAMPLES"),
                  ".PP\nWhether a server is well, what it holds, and why a direction stands where it does:\n",
                  Examples({"trustctl status", "trustctl partnerships", "trustctl stage klm-northwest",
                            "trustctl explain klm-northwest"}));
  return text;
}

}  // namespace trustctl
