#!/usr/bin/env bash
# felix --help, felix help COMMAND and --version.
. "$(dirname "$0")/lib.sh"

run 0 "$FELIX" --help
for command in broker controlplane bridge pub sub cache bench conformance; do
  grep -q "^  $command  " out || fail "--help does not list $command"
  run 0 "$FELIX" help "$command"
  grep -q "^usage: felix $command" out || fail "help $command shows no usage"
  cp out help.out
  run 0 "$FELIX" "$command" --help
  cmp -s out help.out || fail "help $command and $command --help differ"
  run 0 "$FELIX" --help
done
! grep -q generate-papers out || fail "--help shows a hidden command"
run 0 "$FELIX" --version
grep -qE '^felix [0-9]+\.[0-9]+\.[0-9]+$' out || fail "odd version: $(cat out)"
