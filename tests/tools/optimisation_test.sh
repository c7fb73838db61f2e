#!/bin/sh
# The golden scenarios give the same bytes from a program built without optimisation. Usage: optimisation_test.sh ROOT PLAIN_BINARY
set -eu
root=$1 plain=$2
status=0
for name in training collective; do
  cd "$root/tests/golden/$name"
  printed=$("$plain" run scenario.yaml --format json; printf x)
  stored=$(cat results.json; printf x)
  if [ "$printed" != "$stored" ]; then
    printf '%s\n' "tests/golden/$name: results of the -O0 build differ" >&2
    status=1
  fi
done
exit $status
