#!/usr/bin/env bash
# What the README shows in its short session is what happens.
source "$(dirname "$0")/../cli/lib.sh"

mkdir "$work/bin"
ln -s "$FELIX" "$work/bin/felix"
start_broker
PATH=$work/bin:$PATH run 0 python3 "$repo/tests/docs/session.py" "$repo/README.md"
