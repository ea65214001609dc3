#!/usr/bin/env bash
# What was sent and not answered is reported, and never sent again.
. "$(dirname "$0")/lib.sh"

start_broker --max-idle-timeout 1s --keepalive 300ms
mkfifo pipe
"$FELIX" pub orders --timeout 3s <pipe 2>pub.err &
publisher=$!
pids+=("$publisher")
exec 3>pipe
echo first >&3
came() { "$FELIX" sub orders --from earliest --count 1 --idle-timeout 1s >out 2>err; }
until_true came
kill -STOP "$broker_pid"
stopped() { ! grep -h '^State:' "/proc/$broker_pid"/task/*/status | grep -qv 'T (stopped)'; }
until_true stopped
echo second >&3
exec 3>&-
ended "$publisher" 1
grep -q '1 records published' pub.err || fail "$(cat pub.err)"
grep -q '1 records outcome unknown' pub.err || fail "$(cat pub.err)"
kill -CONT "$broker_pid"
stop_broker KILL
