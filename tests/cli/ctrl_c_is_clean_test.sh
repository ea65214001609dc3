#!/usr/bin/env bash
# SIGINT ends a subscriber and a publisher with 130 and no noise.
. "$(dirname "$0")/lib.sh"

start_broker
start_sub live orders
kill -INT "$sub_pid"
ended "$sub_pid" 130
[[ ! -s live.err ]] || fail "noise: $(cat live.err)"
came() { "$FELIX" sub orders --from earliest --count 1 --idle-timeout 1s >out 2>err; }
mkfifo pipe
"$FELIX" pub orders <pipe >out 2>pub.err &
publisher=$!
pids+=("$publisher")
exec 3>pipe
echo 'before the interrupt' >&3
until_true came
kill -INT "$publisher"
ended "$publisher" 130
exec 3>&-
[[ ! -s pub.err ]] || fail "noise: $(cat pub.err)"
