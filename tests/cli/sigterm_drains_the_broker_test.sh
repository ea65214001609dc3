#!/usr/bin/env bash
# Not ready, clients told, exit 0; the subscriber learns it; a second SIGTERM ends at once.
. "$(dirname "$0")/lib.sh"

start_broker
start_sub live orders
run 0 "$FELIX" pub orders last
until_true grep -q last live.out
stop_broker TERM
((broker_code == 0)) || fail "the broker drained with $broker_code"
kill -INT "$sub_pid"
ended "$sub_pid" 130
grep -q last live.out || fail "the record did not arrive"
start_broker --drain-timeout 60s
start_sub held orders
kill -STOP "$sub_pid"
kill -TERM "$broker_pid"
kill -TERM "$broker_pid" 2>/dev/null || :
code=0
wait "$broker_pid" || code=$?
((code == 0 || code == 143)) || fail "the second SIGTERM gave exit code $code"
kill -KILL "$sub_pid"
