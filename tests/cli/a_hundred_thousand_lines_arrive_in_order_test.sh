#!/usr/bin/env bash
# 1 KiB each, through a pipe, identical and in order.
. "$(dirname "$0")/lib.sh"

start_broker --subscriber-queue-policy block
lines=100000
python3 - "$lines" >sent <<'PYTHON'
import sys
for i in range(int(sys.argv[1])):
    print(("%08d " % i) + chr(97 + i % 26) * 1014)
PYTHON
start_sub all bulk --count "$lines"
run 0 "$FELIX" pub bulk --output json <sent
grep -q '"records":100000' err || fail "summary: $(cat err)"
ended "$sub_pid" 0
[[ $(md5sum <sent) == $(md5sum <all.out) ]] || fail "$(wc -l <all.out) lines came, not the same as were sent"
[[ ! -s all.err ]] || fail "noise: $(cat all.err)"
