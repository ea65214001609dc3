#!/usr/bin/env bash
# A token made by the recipe of docs/OPERATIONS.md lets its bearer do what it grants, and nothing else.
source "$(dirname "$0")/../cli/lib.sh"

command -v openssl >/dev/null || { echo 'no openssl here' && exit 77; }
start_broker --state-dir "$work/state"
run 0 "$FELIX" pub orders 'one order'
sed -n '/^<!-- token:/,/^```$/p' "$repo/docs/OPERATIONS.md" | sed '1,2d;$d' >recipe
[[ -s recipe ]] || fail 'there is no recipe'
STATE=$work/state run 0 bash -euo pipefail recipe
run 0 "$FELIX" sub orders --from earliest --count 1 --token-file reader.token
prints 'one order'
run 4 "$FELIX" pub orders 'another' --token-file reader.token
run 4 "$FELIX" sub numbers --count 1 --token-file reader.token
