#!/usr/bin/env bash
# A closed standard output and a full disk are noticed.
. "$(dirname "$0")/lib.sh"

code=0
"$FELIX" --help >/dev/full 2>err || code=$?
((code == 1)) || fail "a full disk gave exit code $code"
says 'standard output' 'No space left'
code=0
"$FELIX" --version >&- 2>err || code=$?
((code == 1)) || fail "a closed output gave exit code $code"
says 'standard output'
# Somebody who has read enough is no failure.
"$FELIX" conformance --verbose 2>err | head -n 1 >out
((PIPESTATUS[0] == 0)) || fail "a reader who left gave exit code ${PIPESTATUS[0]}"
[[ ! -s err ]] || fail "a reader who left made noise: $(cat err)"
