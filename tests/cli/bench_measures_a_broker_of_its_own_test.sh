#!/usr/bin/env bash
# felix bench --spawn starts a broker, measures it, says what it found in three forms and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

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
