#!/usr/bin/env bash
# felix.toml: unknown key, wrong type, out of bounds; the same by flag and environment.
. "$(dirname "$0")/lib.sh"

wrong() {  # wrong TEXT_OF_FILE WORD...
  printf '%s\n' "$1" >felix.toml
  shift
  run 2 "$FELIX" broker --config felix.toml --print-config
  says "$@"
}
wrong $'[listen]\nqiuc = "127.0.0.1:0"' felix.toml:2 qiuc listen.quic
wrong $'[limits]\n\nmax_frame = true' felix.toml:3 limits.max_frame size
wrong $'[limits]\nmax_frame = "1GiB"' felix.toml:2 limits.max_frame 1GiB 256MiB
wrong $'[subscribers]\nqueue_policy = "drop_all"' felix.toml:2 drop_all drop_new
wrong $'[listen\nquic = 1' felix.toml:1
run 2 "$FELIX" broker --max-frame 1TiB --print-config
says --max-frame 1TiB 256MiB
run 2 env FELIX_MAX_FRAME_BYTES=none "$FELIX" broker --print-config
says FELIX_MAX_FRAME_BYTES none
run 2 env FELIX_MAX_FRAME_BITES=1 "$FELIX" broker --print-config
says FELIX_MAX_FRAME_BITES FELIX_MAX_FRAME_BYTES
run 2 "$FELIX" broker --max-frmae 1MiB
says --max-frmae 'did you mean --max-frame?'
run 4 "$FELIX" broker --config absent.toml
says absent.toml
