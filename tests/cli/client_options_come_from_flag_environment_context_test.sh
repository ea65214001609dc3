#!/usr/bin/env bash
# In this order, field by field.
. "$(dirname "$0")/lib.sh"

start_broker
context=$XDG_CONFIG_HOME/felix/contexts/default.toml
[[ $(stat -c %a "$context") == 600 ]] || fail "the context has mode $(stat -c %a "$context")"
run 0 "$FELIX" pub orders hello
run 3 env FELIX_SERVER=127.0.0.1:9 "$FELIX" pub orders hello --timeout 1s
says 127.0.0.1:9
run 0 env FELIX_SERVER=127.0.0.1:9 "$FELIX" pub orders hello --server "$address"
cp "$context" "$XDG_CONFIG_HOME/felix/contexts/away.toml"
sed -i "s/$address/127.0.0.1:9/" "$XDG_CONFIG_HOME/felix/contexts/away.toml"
run 3 "$FELIX" pub orders hello --context away --timeout 1s
says 127.0.0.1:9
run 3 env FELIX_CONTEXT=away "$FELIX" pub orders hello --timeout 1s
run 0 env FELIX_CONTEXT=away "$FELIX" pub orders hello --context default
# A broker does not take over another's context.
sed -i 's#^token_file.*#token_file = "/elsewhere/token"#' "$context"
cp "$context" before
stop_broker
"$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 2>broker.err &
broker_pid=$!
pids+=("$broker_pid")
until_true grep -q 'local-[0-9]* *.*is written' broker.err
cmp -s before "$context" || fail "the foreign context was changed"
run 0 "$FELIX" pub orders hello --context "$(sed -n "s/.*context '\(local-[0-9]*\)'.*/\1/p" broker.err)"
