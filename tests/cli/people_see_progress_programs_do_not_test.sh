#!/usr/bin/env bash
# Progress and summary on a terminal only, and only on standard error.
. "$(dirname "$0")/lib.sh"

start_broker
cat >terminal.py <<'PYTHON'
import os, pty, sys
# Runs a command whose standard error is a terminal; prints what came there.
ours, theirs = pty.openpty()
child = os.fork()
if child == 0:
    os.dup2(theirs, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
os.close(theirs)
seen = b""
try:
    while chunk := os.read(ours, 65536):
        seen += chunk
except OSError:
    pass
_, status = os.waitpid(child, 0)
os.write(2, seen)
sys.exit(os.waitstatus_to_exitcode(status))
PYTHON
seq 30 >numbers
run 0 python3 terminal.py "$FELIX" pub orders --file numbers --rate 40
grep -q 'records, .* MB/s' err || fail "no progress on a terminal: $(cat -v err)"
grep -q 'published 30 records' err || fail "no summary on a terminal: $(cat -v err)"
[[ ! -s out ]] || fail "standard output: $(cat out)"
run 0 "$FELIX" pub orders --file numbers --rate 40
[[ ! -s err && ! -s out ]] || fail "noise: $(cat err out)"
run 0 "$FELIX" pub orders --file numbers --output json
python3 -c 'import json; summary = json.load(open("err")); assert summary["records"] == 30 and "p99" in summary["ack_latency_us"]'
run 0 "$FELIX" pub orders --file numbers --verbose
says 'published 30 records' 'p99'
