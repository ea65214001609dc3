#!/usr/bin/env bash
# What the system granted, and how to get more when that is less than was asked for.
. "$(dirname "$0")/lib.sh"

limit=$(cat /proc/sys/net/core/rmem_max)
asked=8388608
felix=$FELIX
if ((EUID == 0)); then # root may pass the limit: without that right it is held to it as anybody
  FELIX=$work/felix-without-the-right
  printf '#!/bin/sh\nexec setpriv --bounding-set=-net_admin "%s" "$@"\n' "$felix" >"$FELIX"
  chmod +x "$FELIX"
fi
start_broker --udp-recv-buffer "$asked" --udp-send-buffer 65536
granted=$((limit < asked ? limit : asked))
until_true grep -q "socket buffers receive=$granted send=65536" broker.err
if ((granted < asked)); then
  until_true grep -q "asked=$asked granted=$granted .*net.core.rmem_max" broker.err
else
  ! grep -q rmem_max broker.err || fail "a remedy for nothing"
fi
