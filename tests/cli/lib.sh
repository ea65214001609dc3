# Sourced by every test: a folder of its own, no setting of the person who runs it, helpers to run felix and to
# judge what it did. Brokers listen on free ports of 127.0.0.1 and are ended by their process id.
set -euo pipefail

: "${FELIX:?name the felix to test, e.g. FELIX=build/release/bin/felix}"
FELIX=$(realpath "$FELIX")
repo=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
fixtures=$repo/tests/cli/fixtures
work=$(mktemp -d)
pids=()

end_test() {
  local status=$?
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || :; done
  wait 2>/dev/null || :
  if ((status != 0 && status != 77)); then
    for file in "$work"/out "$work"/err "$work"/*.err; do
      [[ ! -s $file ]] || { echo "--- ${file##*/} (end)" && tail -c 2000 "$file"; } >&2
    done
  fi
  rm -rf "$work"
  exit "$status"
}
trap end_test EXIT
for name in $(compgen -e | grep '^FELIX_' || :); do unset "$name"; done
export HOME=$work/home XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state LC_ALL=C
mkdir -p "$HOME"
cd "$work"

exec 9>&2
fail() {
  echo "FAILED: $*" >&9
  exit 1
}

# run CODE COMMAND...: expects that exit code (or "1|2", one of them) within 60 s; leaves its output in the files out and err.
run() {
  local want=$1 got=0
  shift
  timeout --foreground 60 "$@" >"$work/out" 2>"$work/err" || got=$?
  [[ $got =~ ^($want)$ ]] || fail "exit code $got instead of $want: $*"
}

# The error output of the last run is one line and contains each of the words.
says() {
  (($(wc -l <"$work/err") == 1)) || fail "not one line of error: $(cat "$work/err")"
  for word in "$@"; do
    grep -qF -- "$word" "$work/err" || fail "the error does not say '$word': $(cat "$work/err")"
  done
}

# The output of the last run is exactly this text.
prints() {
  [[ $(cat "$work/out") == "$1" ]] || fail "printed '$(cat "$work/out")' instead of '$1'"
}

# until_true COMMAND...: waits up to 20 s for it to succeed.
until_true() {
  for _ in $(seq 1000); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.02
  done
  fail "waited too long for: $*"
}

# start_broker [OPTION...]: sets broker_pid, address, port, http; its context is the default one. Its error output is
# the file broker.err.
start_broker() {
  : >"$work/broker.err"
  "$FELIX" broker --quic-bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 "$@" 2>"$work/broker.err" &
  broker_pid=$!
  pids+=("$broker_pid")
  until_true broker_is_up
  address=$(sed -n 's/.*clients on \([0-9.:]*\).*/\1/p' "$work/broker.err")
  port=${address##*:}
  http=$(sed -n 's#.*http://\([0-9.:]*\).*#\1#p' "$work/broker.err")
}
broker_is_up() {
  kill -0 "$broker_pid" || fail "the broker ended: $(cat "$work/broker.err")"
  grep -q 'clients on' "$work/broker.err" && [[ -s $XDG_CONFIG_HOME/felix/contexts/default.toml ]]
}

# stop_broker [SIGNAL]: the broker's exit code is in broker_code afterwards.
stop_broker() {
  kill "-${1:-TERM}" "$broker_pid"
  broker_code=0
  wait "$broker_pid" || broker_code=$?
}

# start_sub NAME OPTION...: a subscriber in the background, subscribed when this returns. Its output is the files
# NAME.out and NAME.err, its process id is sub_pid.
start_sub() {
  local name=$1
  shift
  "$FELIX" sub "$@" --ready-file "$work/$name.ready" >"$work/$name.out" 2>"$work/$name.err" &
  sub_pid=$!
  pids+=("$sub_pid")
  until_true test -s "$work/$name.ready"
}

# ended PID CODE: it ends by itself within 60 s, with that code.
ended() {
  local got=0
  for _ in $(seq 3000); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.02
  done
  ! kill -0 "$1" 2>/dev/null || fail "process $1 did not end"
  wait "$1" || got=$?
  ((got == $2)) || fail "process $1 ended with $got instead of $2"
}
