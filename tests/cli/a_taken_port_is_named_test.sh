#!/usr/bin/env bash
# Both listeners, and a state directory in use.
. "$(dirname "$0")/lib.sh"

start_broker
run 1 "$FELIX" broker --state-dir second --quic-bind "$address" --metrics-bind 127.0.0.1:0
says "$address" in use
run 1 "$FELIX" broker --state-dir second --quic-bind "$address" --metrics-bind 127.0.0.1:0 --reactors 2
says "$address" in use
run 1 "$FELIX" broker --state-dir third --quic-bind 127.0.0.1:0 --metrics-bind "$http"
says "$http" in use
run 1 "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0
says "$XDG_STATE_HOME/felix"
