#!/usr/bin/env bash
# Nothing said and nothing stored: the remedy is named.
. "$(dirname "$0")/lib.sh"

run 2 "$FELIX" pub orders hello
says 'felix broker' --server
run 2 "$FELIX" sub orders --context elsewhere
says elsewhere
run 2 "$FELIX" pub orders hello --server 127.0.0.1:5000
says --token
