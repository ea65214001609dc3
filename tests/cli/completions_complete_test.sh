#!/usr/bin/env bash
# The bash script completes commands, options, choices and files; the others parse.
. "$(dirname "$0")/lib.sh"

bash -n "$repo/completions/felix.bash" || fail "felix.bash does not parse"
! command -v zsh >/dev/null || zsh -n "$repo/completions/_felix" || fail "_felix does not parse"
! command -v fish >/dev/null || fish -n "$repo/completions/felix.fish" || fail "felix.fish does not parse"

. "$repo/completions/felix.bash"
compopt() { :; }  # outside of a completion there is none
completes() {  # completes WANTED WORD...: the words before the cursor, the last one unfinished
  local wanted=$1
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _felix
  [[ " ${COMPREPLY[*]} " == *" $wanted "* ]] || fail "'$*' completes to '${COMPREPLY[*]}', not to $wanted"
}
completes pub felix p
completes --batch felix pub --b
completes per_batch felix pub orders --ack per
completes delete felix cache d
completes --quic-bind felix broker --quic
completes bench felix help be
touch 'a file.pem'
completes 'a file.pem' felix pub --ca a
