#!/usr/bin/env bash
# felix cache, with a miss as exit 1.
. "$(dirname "$0")/lib.sh"

start_broker
run 1 "$FELIX" cache get names alice
says alice names
run 0 "$FELIX" cache put names alice '{"role":"admin"}'
run 0 "$FELIX" cache get names alice
printf '{"role":"admin"}' | cmp -s - out || fail "got $(cat out)"
run 0 "$FELIX" cache get names alice --output json
grep -q '"found":true,"value":"{\\"role' out || fail "JSON: $(cat out)"
run 0 "$FELIX" cache delete names alice
run 1 "$FELIX" cache get names alice --output json
grep -q '"found":false' out || fail "JSON: $(cat out)"
run 0 "$FELIX" cache put names bob short-lived --ttl 250ms
gone_by_now() { ! "$FELIX" cache get names bob >out 2>err; }
until_true gone_by_now
says bob expired
printf '' | "$FELIX" cache put names empty - || fail "an empty value was refused"
run 0 "$FELIX" cache get names empty
[[ ! -s out ]] || fail "the empty value has bytes"
