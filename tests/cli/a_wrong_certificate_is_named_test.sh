#!/usr/bin/env bash
# Missing, unreadable, expired, with the wrong key.
. "$(dirname "$0")/lib.sh"

with() {  # with CERT KEY
  run "$code" "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 --tls-cert "$1" --tls-key "$2"
}
code=4
with absent.pem "$fixtures/valid.key"
says absent.pem
code=5
echo 'not a certificate' >garbage.pem
with garbage.pem "$fixtures/valid.key"
says garbage.pem
code=5
with "$fixtures/valid.pem" "$fixtures/other.key"
says valid.pem key
with "$fixtures/expired.pem" "$fixtures/expired.key"
says expired.pem 2021
run 2 "$FELIX" broker --tls-cert "$fixtures/valid.pem"
says --tls-cert key
