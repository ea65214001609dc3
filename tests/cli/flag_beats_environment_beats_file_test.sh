#!/usr/bin/env bash
# And what is printed reads back as the same settings.
. "$(dirname "$0")/lib.sh"

shows() { grep -q "^$1" out || fail "--print-config does not show $1: $(grep "^${1%% *}" out)"; }
printf '[streams]\nring_records = 11\n' >felix.toml
run 0 "$FELIX" broker --print-config
shows 'ring_records = 1024'
run 0 "$FELIX" broker --config felix.toml --print-config
shows 'ring_records = 11'
run 0 env FELIX_BROKER_CONFIG=felix.toml "$FELIX" broker --print-config
shows 'ring_records = 11'
run 0 env FELIX_RING_RECORDS=22 "$FELIX" broker --config felix.toml --print-config
shows 'ring_records = 22'
run 0 env FELIX_RING_RECORDS=22 "$FELIX" broker --config felix.toml --ring-records 33 --print-config
shows 'ring_records = 33'
# The comments tell where a value came from; without them the file gives the same file.
sed 's/ *#.*//' out >first.toml
run 0 "$FELIX" broker --config first.toml --print-config
sed 's/ *#.*//' out | cmp -s - first.toml || fail "what --print-config printed does not read back"
