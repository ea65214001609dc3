#!/usr/bin/env bash
# Words, lines, a file; from the oldest, from an offset, from now.
. "$(dirname "$0")/lib.sh"

start_broker
run 0 "$FELIX" pub orders hello 'two words' ''
run 0 "$FELIX" sub orders --from earliest --count 3
printf 'hello\ntwo words\n\n' | cmp -s - out || fail "read back: $(cat out)"
printf 'four\nfive\nsix without end' >lines
run 0 "$FELIX" pub orders --file lines
run 0 "$FELIX" sub orders --from 3 --count 3
printf 'four\nfive\nsix without end\n' | cmp -s - out || fail "read back: $(cat out)"
run 0 "$FELIX" sub orders --from 1 --count 1 --format json
prints '{"offset":1,"payload":"two words"}'
run 0 "$FELIX" pub orders '[1,2]' '{}' -- --not-an-option
run 0 "$FELIX" sub orders --from 6 --count 3
printf '[1,2]\n{}\n--not-an-option\n' | cmp -s - out || fail "read back: $(cat out)"
run 0 "$FELIX" pub orders </dev/null
start_sub live orders --count 2
run 0 "$FELIX" pub orders new --ack none
run 0 "$FELIX" pub orders newer --ack per_message
ended "$sub_pid" 0
printf 'new\nnewer\n' | cmp -s - live.out || fail "live: $(cat live.out)"
run 0 "$FELIX" sub orders --from 9 --idle-timeout 300ms
printf 'new\nnewer\n' | cmp -s - out || fail "until idle: $(cat out)"
run 1 "$FELIX" sub orders --from 9 --count 3 --idle-timeout 300ms
says '2 of 3'
run 4 "$FELIX" sub orders --from 999999 --count 1
says 'future'
# Whatever the pace and the size of batches, each record once and in order.
seq 50 >numbers
run 0 "$FELIX" pub paced --rate 500 --batch 7 --file numbers
run 0 "$FELIX" pub paced --rate 1000000 --ack none <numbers
run 0 "$FELIX" sub paced --from earliest --count 100
cat numbers numbers | cmp -s - out || fail "paced: $(tr '\n' ' ' <out)"
