#!/usr/bin/env bash
# 1 KiB each, through pipes, identical and in order: with one reactor and with two.
. "$(dirname "$0")/lib.sh"

lines=100000
python3 - "$lines" >sent <<'PYTHON'
import sys
for i in range(int(sys.argv[1])):
    print(("%08d " % i) + chr(97 + i % 26) * 1014)
PYTHON
for reactors in 1 2; do
  start_broker --reactors "$reactors"
  start_sub all bulk --count "$lines" --idle-timeout 20s
  # shellcheck disable=SC2002
  cat sent | timeout 60 "$FELIX" pub bulk --output json 2>err
  grep -q "\"records\":$lines" err || fail "summary: $(cat err)"
  ended "$sub_pid" 0
  [[ $(md5sum <sent) == $(md5sum <all.out) ]] || fail "$(wc -l <all.out) lines came, not the same as were sent"
  [[ ! -s all.err ]] || fail "noise: $(cat all.err)"
  stop_broker
  rm all.ready
done
