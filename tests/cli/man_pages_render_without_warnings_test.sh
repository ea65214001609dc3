#!/usr/bin/env bash
# Every page, with every warning on.
. "$(dirname "$0")/lib.sh"

command -v groff >/dev/null || { echo "skipped: groff is not installed" && exit 77; }
for page in "$repo"/man/*; do
  groff -man -Tutf8 -ww -z "$page" 2>err || fail "$page does not render"
  [[ ! -s err ]] || fail "$page renders with warnings: $(cat err)"
done
