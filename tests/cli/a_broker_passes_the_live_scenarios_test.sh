#!/usr/bin/env bash
# felix conformance --broker: all scenarios with one reactor and with two, some of them, a list, no broker.
. "$(dirname "$0")/lib.sh"

for reactors in 1 2; do
  start_broker --reactors "$reactors"
  run 0 "$FELIX" conformance --broker "$address"
  grep -qE '^.*[1-9][0-9]* passed, 0 failed' out || fail "no totals: $(tail -n 1 out)"
  stop_broker
done
start_broker
run 0 "$FELIX" conformance --broker "$address" --only 'cache.*,pubsub.roundtrip' --output json
python3 - <<'PYTHON'
import json
report = json.load(open("out"))
assert report, report
PYTHON
run 0 "$FELIX" conformance --broker "$address" --only pubsub.roundtrip --output junit
run 0 "$FELIX" conformance --list
grep -q '^pubsub.roundtrip' out || fail "not listed: $(cat out)"
run 2 "$FELIX" conformance --broker "$address" --only pubsub.never
says pubsub.never
run 2 "$FELIX" conformance --only pubsub.roundtrip
says --broker
run 3 "$FELIX" conformance --broker 127.0.0.1:9 --timeout 1s
says 127.0.0.1:9
