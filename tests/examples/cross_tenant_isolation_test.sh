#!/usr/bin/env bash
# Two tenants of one broker: what is theirs works, and each way to the other's is refused with exit code 4.
source "$(dirname "$0")/../cli/lib.sh"

command -v openssl >/dev/null || { echo 'no openssl here' && exit 77; }
run 0 "$repo/examples/cross_tenant_isolation.sh" "$FELIX"
(($(grep -c '^works ' out) == 8)) || fail "not everything that should work was tried: $(cat out)"
(($(grep -c '^refused ' out) == 9)) || fail "not every way was tried: $(cat out)"
grep -q "^works .*only one in its stream *acme: 12 anvils$" out || fail "the order of acme is not alone: $(cat out)"
