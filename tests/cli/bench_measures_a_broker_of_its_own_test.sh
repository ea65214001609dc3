#!/usr/bin/env bash
# felix bench --spawn starts a broker, measures it, says what it found in three forms and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

# The output of the last run contains each of these.
shows() {
  for words in "$@"; do grep -qF -- "$words" out || fail "the table does not show '$words': $(cat out)"; done
}

quick=(--duration 200ms --warmup 100ms)
run 0 "$FELIX" bench latency --spawn "${quick[@]}" --save saved.json --report report.html
grep -qF '0 lost' out || fail "the table counts no losses: $(cat out)"
[[ ! -s err ]] || fail "something was said on standard error: $(cat err)"
grep -q '<svg' report.html || fail "the report has no plot"

run 0 "$FELIX" bench throughput --spawn --processes --fanout 2 --records 1000 "${quick[@]}"
grep -qF ' 0 lost' out || fail "processes told nothing: $(cat out)"

run 0 "$FELIX" bench cache --spawn "${quick[@]}" --op get --in-flight 2 --output json
python3 - <<'END'
import json
run, = json.load(open('out'))['runs']
assert run['shape'] == 'cache' and run['verdict']['ok'] and run['latency']['count'] > 0, run
END

for shape in cache connect; do
  run 0 "$FELIX" bench $shape --spawn --processes --publishers 2 "${quick[@]}" --in-flight 2 --connections 2 --output json
  python3 - <<'END'
import json
for run in json.load(open('out'))['runs']:
    assert run['verdict']['ok'] and run['parameters']['processes'], run
    assert [client['received'] > 0 for client in run['clients']] == [True, True], run['clients']
    assert run['environment']['tls'] == 'TLS 1.3, AES-128-GCM', run['environment']
END
done

# Targets: a row of them, and what they came to; the raw relay is taken beside each latency.
run 0 "$FELIX" bench targets --spawn --only latency --only acked --trials 1 "${quick[@]}" --save targets.json --report targets.html
shows 'p50 / raw UDP relay' 'broker CPU a record' 'targets met'
python3 - <<'END'
import json
runs = json.load(open('targets.json'))['runs']
assert [run['shape'] for run in runs] == ['latency'] * 4 + ['targets'], [run['shape'] for run in runs]
assert all(run['relay']['count'] > 0 and run['figures']['p50_relay_ratio'] > 0 for run in runs[:3]), runs[0]['figures']
assert [target['row'] for target in runs[-1]['targets']] == ['latency', 'latency', 'acked'], runs[-1]['targets']
END
grep -q 'targets met' targets.html || fail "the report says nothing of the targets"
echo '{"felix_peers":1,"taken_at":"2026-01-02T03:04:05Z","figures":{"nats_tls_64_f1_per_s":1e12}}' >peers.json
run 1 "$FELIX" bench targets --spawn --only 64b --trials 1 "${quick[@]}" --peers peers.json --fail-if-missed
shows MISSED '1.30 x NATS with TLS' 'FLAGGED     64b: too small a run'
run 5 "$FELIX" bench targets --spawn --peers report.html
run 2 "$FELIX" bench targets --spawn --only nothing
says nothing latency-f10
run 2 "$FELIX" bench targets --spawn --payload 64
says --duration
run 2 "$FELIX" bench latency --only 64b
says --only
run 2 "$FELIX" bench latency --spawn --pin broker=4000
says 4000
run 2 "$FELIX" bench latency --pin broker=0
says --spawn
run 0 "$FELIX" bench latency --spawn --pin broker=0,publisher=0,subscriber=0 --floor "${quick[@]}"
shows 'broker=0,publisher=0,subscriber=0' 'raw UDP relay'
# A flood that moved less than a buffer is marked.
run 0 "$FELIX" bench throughput --spawn --records 1000 "${quick[@]}"
shows FLAGGED

run 0 "$FELIX" bench compare saved.json saved.json
run 5 "$FELIX" bench compare saved.json report.html
says report.html
run 2 "$FELIX" bench sideways
says sideways latency throughput
run 2 "$FELIX" bench latency --payload 8
says --payload stamp

# The broker of the context is measured as well, and interrupting a measurement of one's own ends its broker.
start_broker
run 0 "$FELIX" bench throughput --records 1000 "${quick[@]}"
"$FELIX" bench latency --spawn --duration 60s >/dev/null 2>ctrlc.err &
bench_pid=$!
pids+=("$bench_pid")
its_broker_is_up() { compgen -G "$TMPDIR/felix-bench-*/config/felix/contexts/*.toml" >ready; }
until_true its_broker_is_up
kill -INT "$bench_pid"
status=0
wait "$bench_pid" || status=$?
((status == 130)) || fail "interrupted, it ended with $status"
[[ -z $(ls "$TMPDIR") ]] || fail "left behind: $(ls "$TMPDIR")"
