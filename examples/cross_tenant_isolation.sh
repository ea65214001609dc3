#!/usr/bin/env bash
# Two tenants of one broker: each uses its own streams and caches, tries those of the other in every way there is, and is
# refused. usage: cross_tenant_isolation.sh [FELIX]    the command to show; wants openssl, starts a broker of its own
set -euo pipefail

felix=$(realpath "${1:-${FELIX:-build/release/bin/felix}}")
work=$(mktemp -d)
trap 'kill "$broker" 2>/dev/null; wait 2>/dev/null || :; rm -rf "$work"' EXIT
cd "$work"
export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state

"$felix" broker --state-dir state --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 2>broker.err &
broker=$!
until grep -q 'clients on' broker.err; do
  kill -0 "$broker" || { cat broker.err >&2 && exit 1; }
  sleep 0.05
done

# token TENANT GRANT...: what an identity service would hand out, signed with the broker's key, good for an hour.
token() {
  local tenant=$1 now grants
  shift
  now=$(date +%s)
  grants=$(printf ',"%s"' "$@")
  b64() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
  printf '%s.%s' "$(printf '{"alg":"EdDSA","typ":"JWT"}' | b64)" \
    "$(printf '{"iss":"felix-auth","aud":"felix-broker","tid":"%s","sub":"p:%s","iat":%d,"exp":%d,"perms":[%s]}' \
      "$tenant" "$tenant" "$now" "$((now + 3600))" "${grants:1}" | b64)" >unsigned
  openssl pkeyutl -sign -rawin -inkey state/token.key -in unsigned -out signature
  printf '%s.%s\n' "$(cat unsigned)" "$(b64 <signature)"
}
token acme 'tenant.manage:tenant:acme' >acme.token
token blue 'tenant.manage:tenant:blue' >blue.token
# A grant in somebody else's tenant is worth nothing, even signed.
token blue 'tenant.manage:tenant:acme' 'stream.subscribe:stream:acme/default/orders' >crooked.token

wrong=0
# works WHAT COMMAND...   refused WHAT COMMAND...
works() {
  local what=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  ((got == 0)) && printf 'works    %-62s %s\n' "$what" "$(tail -1 out)" || { wrong=1 && printf 'FAILED   %s: exit code %d, %s\n' "$what" "$got" "$(cat err)"; }
}
refused() {
  local what=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  ((got == 4)) && [[ ! -s out ]] && printf 'refused  %-62s %s\n' "$what" "$(cat err)" || { wrong=1 && printf 'FAILED   %s: exit code %d, %s\n' "$what" "$got" "$(cat out err)"; }
}
as() {
  local tenant=$1 token=$2
  shift 2
  "$felix" "$@" --tenant "$tenant" --token-file "$token.token"
}

works 'acme publishes an order' as acme acme pub orders 'acme: 12 anvils'
works 'acme reads it' as acme acme sub orders --from earliest --count 1
works 'acme caches a price' as acme acme cache put prices anvil 19
works 'blue has a stream of the same name' as blue blue pub orders 'blue: 1 kite'
works 'blue reads its own order, not that of acme' as blue blue sub orders --from earliest --count 1
works 'blue has a cache of the same name' as blue blue cache put prices anvil 7
works 'acme still reads its own price' as acme acme cache get prices anvil

refused "blue names acme's tenant with its own token: subscribe" as acme blue sub orders --from earliest --count 1
refused "... publish" as acme blue pub orders 'forged'
refused "... read a cache" as acme blue cache get prices anvil
refused "... guess a name" as acme blue sub invoices --count 1
refused "blue uses acme's token for its own tenant" as blue acme sub orders --from earliest --count 1
refused "blue has a token whose grants lie in acme: subscribe" as blue crooked sub orders --from earliest --count 1
refused "... publish" as blue crooked pub orders 'forged'
refused "... read a cache" as blue crooked cache get prices anvil
refused "... and names acme" as acme crooked sub orders --from earliest --count 1

works "acme's order is the only one in its stream" as acme acme sub orders --from earliest --idle-timeout 300ms
exit "$wrong"
