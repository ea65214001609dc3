#!/usr/bin/env bash
# No key and no token in logs, settings or summaries.
. "$(dirname "$0")/lib.sh"

start_broker --log-level trace
run 0 "$FELIX" pub orders payload-of-a-record --log-level trace --verbose
cat out err >all
stop_broker
run 0 "$FELIX" broker --print-config
cat out broker.err >>all
token=$(cut -c1-40 "$XDG_STATE_HOME/felix/admin.token")
for secret in "$token" payload-of-a-record "$(sed -n 2p "$XDG_STATE_HOME/felix/token.key")"; do
  ! grep -qF -- "$secret" all || fail "a secret is shown: $(grep -F -- "$secret" all | head -1)"
done
for file in ca.key server.key token.key admin.token; do
  [[ $(stat -c %a "$XDG_STATE_HOME/felix/$file") == 600 ]] || fail "$file can be read by others"
done
