#!/usr/bin/env bash
# scripts/quickstart does what it says, says in one line what is wrong, and leaves nothing running.
source "$(dirname "$0")/../cli/lib.sh"

"$repo/scripts/quickstart" --felix "$FELIX" >"$work/out" 2>"$work/err" || fail "it ended with exit code $?"
for words in 'resident memory, idle' 'identical' 'ack latency p50' 'and then was not' 'exit code 0' 'Everything worked'; do
  grep -qF "$words" "$work/out" || fail "it does not say '$words'"
done
[[ ! -s $work/err ]] || fail 'it complained'
run 0 "$repo/scripts/quickstart" --help
run 2 "$repo/scripts/quickstart" --unknown
says --unknown --help

# A command that is no felix.
printf '#!/bin/sh\n[ "$1" != broker ] || { echo "felix broker: no luck today" >&2; exit 1; }\n' >"$work/fake"
chmod +x "$work/fake"
run 1 "$repo/scripts/quickstart" --felix "$work/fake"
says 'the broker did not start' 'no luck today'
! compgen -G "$repo/build/quickstart.*" >"$work/left" || fail "it left $(cat "$work/left")"

# --keep leaves a broker that the printed commands reach, and that ends like any other.
"$repo/scripts/quickstart" --felix "$FELIX" --keep >"$work/out" 2>"$work/err" || fail "it ended with exit code $?"
kept=$(sed -n 's/.*end it with: kill \([0-9]*\)$/\1/p' "$work/out")
pids+=("$kept")
sed -n '/^Try next:/,$s/^  //p' "$work/out" >"$work/next"
(($(wc -l <"$work/next") == 3)) || fail 'it does not print three commands'
cd "$repo"
run 0 bash -euo pipefail "$work/next"
grep -qF '{"role":"admin"}' "$work/out" || fail 'the printed commands do not do what they say'
kill "$kept"
is_gone() { ! kill -0 "$kept"; }
until_true is_gone
