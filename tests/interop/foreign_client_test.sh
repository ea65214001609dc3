#!/usr/bin/env bash
# The original project's own client, as published for Node, works against our broker. It is installed for the test
# into a temporary folder and never kept; without Node or the package registry the test is skipped.
source "$(dirname "$0")/../cli/lib.sh"

package=felix-client-linux-x64-gnu@0.5.0
skip() {
  echo "SKIPPED: $*" >&9
  exit 77
}
command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"
[[ $(uname -m) == x86_64 ]] || skip "the package is for x86_64"
mkdir client
(cd client && timeout 120 npm install --no-save --no-audit --no-fund --ignore-scripts "$package" >../npm.log 2>&1) ||
  skip "cannot install $package: $(tail -n 1 npm.log)"
export FOREIGN_PACKAGE=$work/client/node_modules/felix-client-linux-x64-gnu
node -e "require('$FOREIGN_PACKAGE')" 2>load.err || skip "the package does not load here: $(head -n 1 load.err)"

# A second state directory has other keys: its token is well-formed and not ours.
start_broker --state-dir "$work/other"
bad_token=$(<"$work/other/admin.token")
stop_broker

for reactors in 1 2; do
  start_broker --reactors "$reactors" --state-dir "$work/state-$reactors"
  first=$broker_pid first_address=$address
  start_broker --reactors "$reactors" --state-dir "$work/strict-$reactors" --create-on-use false
  FELIX_ADDRESS=$first_address FELIX_CA=$work/state-$reactors/ca.pem \
    FELIX_TOKEN=$(<"$work/state-$reactors/admin.token") FELIX_BAD_TOKEN=$bad_token \
    FELIX_STRICT_ADDRESS=$address FELIX_STRICT_CA=$work/strict-$reactors/ca.pem \
    FELIX_STRICT_TOKEN=$(<"$work/strict-$reactors/admin.token") \
    timeout 240 node "$repo/tests/interop/foreign_client.js" >"$work/out" 2>&1 ||
    { cat "$work/out" >&9 && tail -n 20 "$work/broker.err" >&9 && fail "with $reactors reactors"; }
  sed "s/^/$reactors reactors: /" "$work/out" >&9
  stop_broker
  broker_pid=$first stop_broker
done
