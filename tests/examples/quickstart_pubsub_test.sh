#!/usr/bin/env bash
# The example receives what it published, in order, and says what to do without a broker.
source "$(dirname "$0")/../cli/lib.sh"

run 2 "$EXAMPLES/example_quickstart_pubsub"
says 'felix broker'
start_broker
run 0 "$EXAMPLES/example_quickstart_pubsub"
prints "$(printf 'received record %d\n' $(seq 0 9))"
