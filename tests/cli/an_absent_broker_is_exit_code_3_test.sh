#!/usr/bin/env bash
# Nobody listens: soon, in one line, with the address.
. "$(dirname "$0")/lib.sh"

echo token >token
for command in 'pub orders hello' 'sub orders' 'cache get names key'; do
  # shellcheck disable=SC2086
  run 3 "$FELIX" $command --server 127.0.0.1:9 --ca "$fixtures/valid.pem" --token-file token --timeout 1s
  says 127.0.0.1:9
done
run 3 "$FELIX" pub orders hello --server no-such-host.invalid --ca "$fixtures/valid.pem" --token-file token --timeout 5s
says no-such-host.invalid
