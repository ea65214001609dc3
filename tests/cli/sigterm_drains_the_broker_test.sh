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
head -c 40000000 /dev/zero | tr '\0' x | fold -w 4000 >much
run 0 "$FELIX" pub orders --file much
kill -TERM "$broker_pid"
until_true grep -q draining broker.err
kill -TERM "$broker_pid"
ended "$broker_pid" 143
kill -KILL "$sub_pid"
