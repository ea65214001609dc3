#!/usr/bin/env bash
# felix sub | head -1 is exit 0 and says nothing.
. "$(dirname "$0")/lib.sh"

start_broker
run 0 "$FELIX" pub orders one two three
timeout 30 "$FELIX" sub orders --from earliest 2>err | head -n 1 >out
code=${PIPESTATUS[0]}
((code == 0)) || fail "exit code $code"
prints one
[[ ! -s err ]] || fail "noise: $(cat err)"
code=0
timeout 30 "$FELIX" sub orders --from earliest --count 1 >/dev/full 2>err || code=$?
((code == 1)) || fail "a full disk gave exit code $code"
says 'No space left'
