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
"$FELIX" pub orders hello --token-file "$fixtures/reader.token" 2>err && fail "a reader could publish"
(($? == 4)) || :
grep -q forbidden err || fail "not forbidden: $(cat err)"
run 4 "$FELIX" cache put names alice value --token-file "$fixtures/reader.token"
says forbidden
head -c 100000 /dev/zero >large
code=0
"$FELIX" pub orders --format raw --file large 2>err || code=$?
((code == 4 || code == 1)) || fail "a payload over the limit gave exit code $code: $(cat err)"
grep -qE 'too large|limit' err || fail "a payload over the limit: $(cat err)"
long=$(head -c 70000 /dev/zero | tr '\0' n)
code=0
"$FELIX" pub "$long" hello 2>err >out || code=$?
((code == 4 || code == 2)) || fail "a name of 70000 bytes gave exit code $code: $(head -c 300 err)"
