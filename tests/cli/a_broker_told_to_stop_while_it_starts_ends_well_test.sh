#!/usr/bin/env bash
# SIGTERM between its first file and its first client: exit code 0, twenty times over [L-85].
. "$(dirname "$0")/lib.sh"

for round in $(seq 20); do
  "$FELIX" broker --state-dir "state$round" --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 2>broker.err &
  broker_pid=$!
  pids+=("$broker_pid")
  until [[ -d state$round ]]; do :; done
  sleep "0.00$((round / 2))"
  kill -TERM "$broker_pid"
  ended "$broker_pid" 0
done
