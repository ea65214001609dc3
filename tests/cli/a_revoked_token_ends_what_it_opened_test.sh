#!/usr/bin/env bash
# A line in STATE/revoked and SIGHUP: the subscriber learns it within a second or two, exit code 4; nobody else notices.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || { echo 'no openssl here' && exit 77; }
start_broker --state-dir "$work/state"
sed -n '/^<!-- token:/,/^```$/p' "$repo/docs/OPERATIONS.md" | sed '1,2d;$d' >recipe
STATE=$work/state run 0 bash -euo pipefail recipe
start_sub stays orders
stays_pid=$sub_pid
start_sub goes orders --token-file reader.token
run 0 "$FELIX" pub orders first
until_true grep -q first goes.out
echo 'principal default p:reader   # left the company' >state/revoked
kill -HUP "$broker_pid"
ended "$sub_pid" 4
grep -q 'revoked' goes.err || fail "the subscriber says: $(cat goes.err)"
run 4 "$FELIX" sub orders --count 1 --token-file reader.token
grep -q 'why="token revoked" tenant=default principal=p:reader' broker.err || fail "the log says: $(cat broker.err)"
echo 'principal default' >state/revoked
kill -HUP "$broker_pid"
until_true grep -q 'revocations not reloaded.*line 1' broker.err
run 4 "$FELIX" sub orders --count 1 --token-file reader.token
run 0 "$FELIX" pub orders second
until_true grep -q second stays.out
kill -0 "$stays_pid" || fail 'the other subscriber was disturbed'
