#!/usr/bin/env bash
# Not writable, or written by a newer version.
. "$(dirname "$0")/lib.sh"

touch file
run 1 "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 --state-dir file/state
says file 'Not a directory'
if ((UID != 0)); then
  mkdir -m 500 closed
  run 1 "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 --state-dir closed
  says closed
fi
start_broker --state-dir state
stop_broker
python3 - state/*.db <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("PRAGMA user_version = 999")
PYTHON
run 5 "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 --state-dir state
says newer state/
