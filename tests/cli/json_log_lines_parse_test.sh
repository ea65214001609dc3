#!/usr/bin/env bash
# Every line on standard error is one JSON object.
. "$(dirname "$0")/lib.sh"

"$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 --log-format json --log-level debug 2>broker.err &
broker_pid=$!
pids+=("$broker_pid")
until_true grep -q serving broker.err
run 0 "$FELIX" pub orders hello
stop_broker
((broker_code == 0)) || fail "the broker ended with $broker_code"
python3 - <<'PYTHON'
import json
lines = open("broker.err").read().splitlines()
assert len(lines) >= 3, lines
for line in lines:
    assert isinstance(json.loads(line), dict), line
PYTHON
