#!/bin/sh
# Completion offers every command of `weft --help`, the options of run, and the stages of --dump. WEFT_BINARY names the program.
set -eu
source=$1
command -v bash >/dev/null 2>&1 || { echo "bash is not here; nothing to complete"; exit 0; }

offered() { # words of the command line, the last being completed
  bash -c '
    . "$1/tools/completion/weft.bash"
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _weft
    printf "%s\n" "${COMPREPLY[@]}"' complete "$source" "$@"
}
offers() { # expected word, words of the command line ...
  word=$1
  shift
  offered "$@" | grep -qxF -- "$word" || { echo "completing '$*' does not offer '$word' but: $(offered "$@" | tr '\n' ' ')" >&2; exit 1; }
}

for name in run compare topo list validate check; do
  "$WEFT_BINARY" --help | grep -qw -- "$name" || { echo "weft --help does not name the command $name" >&2; exit 1; }
  offers "$name" weft ''
done
for option in --set --out --dump --help; do offers "$option" weft run --; done
for stage in spec fabric job fold trace; do offers "$stage" weft run --dump ''; done
offers --help weft --
offers --version weft --
