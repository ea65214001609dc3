#!/usr/bin/env bash
# Publisher and subscriber outlive it: what was not sent yet is sent to the new one.
. "$(dirname "$0")/lib.sh"

start_broker
start_sub live orders --count 2
mkfifo pipe
"$FELIX" pub orders <pipe 2>pub.err &
publisher=$!
pids+=("$publisher")
exec 3>pipe
echo before >&3
until_true grep -q before live.out
stop_broker
((broker_code == 0)) || fail "the broker ended with $broker_code"
start_broker --quic-bind "$address" 3>&- # or it would hold the pipe open
# The subscription is back when a record of another publisher arrives.
arrives() { "$FELIX" pub orders after && grep -q after live.out; }
until_true arrives
ended "$sub_pid" 0
echo late >&3
exec 3>&-
ended "$publisher" 0
[[ ! -s pub.err ]] || fail "noise: $(cat pub.err)"
run 0 "$FELIX" sub orders --from earliest --idle-timeout 300ms
[[ $(tail -n 1 out) == late ]] || fail "the late record did not arrive: $(cat out)"
