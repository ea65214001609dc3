#!/usr/bin/env bash
# The example's value is there, expires, stays when it may, and goes when it is deleted.
source "$(dirname "$0")/../cli/lib.sh"

start_broker
run 0 "$EXAMPLES/example_cache"
prints 'fresh: hello, briefly
expired: (nothing)
kept: hello again
deleted: (nothing)'
