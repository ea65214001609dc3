#!/usr/bin/env bash
# man/ and completions/ are what this build generates.
. "$(dirname "$0")/lib.sh"

run 0 "$FELIX" generate-papers new
for folder in man completions; do
  diff -ru "$repo/$folder" "new/$folder" >&2 || fail "$folder/ is not current: run felix generate-papers . and commit"
done
