#!/usr/bin/env bash
# Offline: those built in, a directory of them, and what is no vector.
. "$(dirname "$0")/lib.sh"

run 0 "$FELIX" conformance
grep -qE '[0-9]+ passed, 0 failed' out || fail "no totals: $(tail -1 out)"
run 0 "$FELIX" conformance --output json
python3 -c 'import json,sys; json.load(open("out"))' || fail "no JSON"
run 0 "$FELIX" conformance --output junit
python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("out")' || fail "no XML"
run 0 "$FELIX" conformance --vectors "$repo/vectors"
mkdir original
printf '{"name":"pong","payload_json":{"type":"ok"},"payload_hex":"%s","frame_hex":"%s"}\n' \
  7b2274797065223a226f6b227d 464c5831000100000000000d7b2274797065223a226f6b227d >original/ok.json
run 0 "$FELIX" conformance --vectors original
sed -i 's/464c5831/464c5832/' original/ok.json
run 1 "$FELIX" conformance --vectors original
printf '[1]' >original/none.json
run 5 "$FELIX" conformance --vectors original
says none.json
mkdir empty
run 5 "$FELIX" conformance --vectors empty
says empty
