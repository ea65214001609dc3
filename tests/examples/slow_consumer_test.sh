#!/usr/bin/env bash
# Neighbours of a slow reader receive everything under both policies, the publisher is held back under one of them only.
source "$(dirname "$0")/../cli/lib.sh"

start_broker --subscriber-stream-policies \
  'default/default/slow-consumer-drop=drop_old:16,default/default/slow-consumer-block=block:16'
run 0 "$EXAMPLES/example_slow_consumer"
! grep -q BROKEN "$work/out" || fail "$(cat "$work/out")"
