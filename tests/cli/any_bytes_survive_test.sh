#!/usr/bin/env bash
# Binary records and values come back as they went.
. "$(dirname "$0")/lib.sh"

start_broker
python3 - <<'PYTHON'
import os, struct
records = [bytes(range(256)), b"", b"\n\n", b"\x00" * 70000, os.urandom(300000), b"last"]
with open("records", "wb") as out:
    for record in records:
        out.write(struct.pack(">I", len(record)) + record)
open("blob", "wb").write(os.urandom(1000000))
PYTHON
run 0 "$FELIX" pub binary --format length-delimited --file records
run 0 "$FELIX" sub binary --from earliest --count 6 --format length-delimited
cmp out records || fail "records differ"
run 0 "$FELIX" sub binary --from 0 --count 1 --format json
grep -q '"payload_base64":"AAECAw' out || fail "JSON: $(cat out)"
run 0 "$FELIX" pub whole --format raw --file blob
run 0 "$FELIX" sub whole --from earliest --count 1 --format raw
cmp out blob || fail "the raw record differs"
run 0 "$FELIX" cache put blobs one --ttl 60s <blob
run 0 "$FELIX" cache get blobs one
cmp out blob || fail "the value differs"
# A record that is cut short is not published as if it were whole.
printf '\0\0\0\12half' >short
run 5 "$FELIX" pub binary --format length-delimited --file short
says 'record 1'
