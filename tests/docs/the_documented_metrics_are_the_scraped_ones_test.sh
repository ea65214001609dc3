#!/usr/bin/env bash
# docs/OPERATIONS.md lists exactly the metrics that /metrics answers [L-89].
source "$(dirname "$0")/../cli/lib.sh"

start_broker
curl -fsS "http://$http/metrics" | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' | sort >"$work/scraped"
[[ -s $work/scraped ]] || fail 'nothing was scraped'
grep -o '`felix_[a-z_]*' "$repo/docs/OPERATIONS.md" | tr -d '`' | sort -u >"$work/documented"
diff "$work/documented" "$work/scraped" >"$work/out" || fail 'documented (<) and scraped (>) metrics differ'
