#!/usr/bin/env bash
# Wrong words are exit 2 and one line with the remedy.
. "$(dirname "$0")/lib.sh"

run 2 "$FELIX"
says 'felix --help'
run 2 "$FELIX" pbu
says "'pbu'" 'did you mean pub?'
run 2 "$FELIX" xyzzy
says "'xyzzy'" 'felix --help'
run 2 "$FELIX" pub orders --akc none
says "'--akc'" 'did you mean --ack?'
run 2 "$FELIX" pub orders --ack sometimes
says --ack 'none, per_message or per_batch' "'sometimes'"
run 2 "$FELIX" pub orders --ack
says --ack 'wants a value'
run 2 "$FELIX" pub orders --batch 0
says --batch "'0'" 1
run 2 "$FELIX" pub orders --verbose=yes
says --verbose
run 2 "$FELIX" pub
says STREAM missing
run 2 "$FELIX" sub orders more
says "'more'" 'too many'
run 2 "$FELIX" sub orders --from yesterday
says --from latest earliest "'yesterday'"
run 2 "$FELIX" cache drop names key
says "'drop'" put get delete
run 2 "$FELIX" cache get names key --ttl 5s
says --ttl put
run 2 "$FELIX" cache put names key value --ttl soon
says --ttl "'soon'" 60s
run 2 "$FELIX" cache get names $'\xff'
says KEY UTF-8
