#!/usr/bin/env bash
# Wrong authority, expired and foreign tokens, missing rights, names and payloads over the limits.
. "$(dirname "$0")/lib.sh"

mkdir -p "$XDG_STATE_HOME/felix"
install -m 600 "$fixtures/token.key" "$XDG_STATE_HOME/felix/token.key"
start_broker --max-frame 64KiB
run 3 "$FELIX" pub orders hello --ca "$fixtures/other.pem"
says 'not trusted'
run 4 "$FELIX" pub orders hello --token-file "$fixtures/expired.token"
says unauthenticated
run 4 "$FELIX" pub orders hello --token nonsense
says unauthenticated
run 4 "$FELIX" pub orders hello --tenant other
says unauthenticated
run 0 "$FELIX" pub orders hello
run 0 "$FELIX" sub orders --from earliest --count 1 --token-file "$fixtures/reader.token"
run 4 "$FELIX" pub orders hello --token-file "$fixtures/reader.token"
says forbidden '1 refused'
run 4 "$FELIX" cache put names alice value --token-file "$fixtures/reader.token"
says forbidden
head -c 100000 /dev/zero >large
run "1|4" "$FELIX" pub orders --format raw --file large
says limits.max_frame 'outcome unknown'
head -c 17000000 /dev/zero >huge
run 4 "$FELIX" pub orders --format raw --file huge
says 'too large'
long=$(head -c 70000 /dev/zero | tr '\0' n)
code=0
"$FELIX" pub "$long" hello 2>err >out || code=$?
((code == 4 || code == 2)) || fail "a name of 70000 bytes gave exit code $code: $(head -c 300 err)"
