#!/usr/bin/env bash
# New connections see the new one; a wrong file keeps the old one.
. "$(dirname "$0")/lib.sh"

install -m 644 "$fixtures/valid.pem" cert.pem
install -m 600 "$fixtures/valid.key" key.pem
start_broker --tls-cert cert.pem --tls-key key.pem
start_sub live orders --ca "$fixtures/valid.pem"
run 0 "$FELIX" pub orders before --ca "$fixtures/valid.pem"
run 3 "$FELIX" pub orders no --ca "$fixtures/other.pem"
cp "$fixtures/other.pem" cert.pem
cp "$fixtures/other.key" key.pem
kill -HUP "$broker_pid"
until_true "$FELIX" pub orders after --ca "$fixtures/other.pem"
run 3 "$FELIX" pub orders no --ca "$fixtures/valid.pem"
until_true grep -q after live.out
echo 'not a certificate' >cert.pem
kill -HUP "$broker_pid"
until_true grep -q 'not reloaded' broker.err
run 0 "$FELIX" pub orders still --ca "$fixtures/other.pem"
stop_broker
((broker_code == 0)) || fail "the broker ended with $broker_code"
