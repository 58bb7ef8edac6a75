#include <vector>

#include "services/trustctl/completion.h"

// Each asks "trustctl completion words -- WORD..." for a line a candidate: the word, a tab, what it means. A line
// ":files" or ":directories" asks the shell for names of its own.

namespace trustctl {
namespace {

constexpr char kBashScript[] = R"sh(# The completion of trustctl for bash: source <(trustctl completion bash)
_trustctl() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word prefix i
  # bash takes words apart at = and :, which are put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
      line=${line#"${line%%[![:space:]]*}"}
      words+=("")
    fi
    word=${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || word=$line
    words[-1]+=$word
    line=${line#"$word"}
  done
  word=${words[-1]}
  # What stands before the last = or : is not to be said again.
  prefix=${word%"${word##*[=:]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    case $word in
      :files)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "${words[-1]#--*=}")
        ;;
      :directories)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "${words[-1]#--*=}")
        ;;
      *)
        [[ $word != *= ]] || compopt -o nospace 2>/dev/null
        COMPREPLY+=("${word#"$prefix"}")
        ;;
    esac
  done < <("$1" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -F _trustctl trustctl
)sh";

constexpr char kZshScript[] = R"sh(#compdef trustctl
# The completion of trustctl for zsh: source <(trustctl completion zsh), behind compinit; or save it as _trustctl in a
# folder of $fpath.
_trustctl() {
  local word meaning
  local -a found more
  while IFS=$'\t' read -r word meaning; do
    case $word in
      :files) compset -P '--*='; _files; return ;;
      :directories) compset -P '--*='; _files -/; return ;;
      *=) more+=("$word") ;;
      *) found+=("${word//:/\\:}${meaning:+:$meaning}") ;;
    esac
  done < <("${(Q)words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#more )) && compadd -S '' -- "$more[@]"
  (( $#found )) && _describe trustctl found
}
if [[ $funcstack[1] == _trustctl ]]; then
  _trustctl "$@"
else
  compdef _trustctl trustctl
fi
)sh";

constexpr char kFishScript[] = R"sh(# The completion of trustctl for fish: trustctl completion fish | source
function __trustctl_words
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in ($words[1] completion words -- $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case ':files*'
                __fish_complete_path "$typed"
            case ':directories*'
                __fish_complete_directories "$typed"
            case '*'
                echo $line
        end
    end
end
complete -c trustctl -f -a '(__trustctl_words)'
)sh";

}  // namespace

const std::vector<std::string>& CompletionShells() {
  static const auto* const kShells = new std::vector<std::string>{"bash", "zsh", "fish"};
  return *kShells;
}

std::string CompletionScript(absl::string_view shell) {
  return shell == "bash" ? kBashScript : shell == "zsh" ? kZshScript : kFishScript;
}

}  // namespace trustctl
