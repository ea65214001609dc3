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
# Nobody answers: the interrupt does not wait for the timeout.
python3 - <<'PYTHON' >silent &
import socket, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
server.recv(65536)
print("called", flush=True)
time.sleep(60)
PYTHON
pids+=($!)
until_true test -s silent
"$FELIX" pub orders hello --server "127.0.0.1:$(head -1 silent)" --timeout 60s 2>silent.err &
caller=$!
pids+=("$caller")
until_true grep -q called silent
kill -INT "$caller"
ended "$caller" 130
[[ ! -s silent.err ]] || fail "noise: $(cat silent.err)"
