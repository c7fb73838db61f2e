#!/bin/sh
# docs/formats.md and docs/scenario.schema.json are what the program prints: a key added or changed without them fails here.
# To bring them up to date: weft docs formats > docs/formats.md; weft docs schema > docs/scenario.schema.json
set -eu
root=$1
status=0
for pair in formats:formats.md schema:scenario.schema.json; do
  printed=$("$WEFT_BINARY" docs "${pair%%:*}"; printf x)
  stored=$(cat "$root/docs/${pair#*:}"; printf x)
  if [ "$printed" != "$stored" ]; then
    printf '%s\n' "docs/${pair#*:} differs from \`weft docs ${pair%%:*}\`: write it anew" >&2
    status=1
  fi
done
exit $status
