#!/bin/sh
# Published runs stay within the tolerances of their tables, and the summary in the README is the one the program prints.
# To bring it up to date: weft validate --summary, between the markers.
set -eu
root=$1
printed=$("$WEFT_BINARY" validate --summary) || { printf '%s\n' "a table exceeds its tolerance, see above" >&2; exit 1; }
stored=$(sed -n '/<!-- weft validate --summary -->/,/<!-- end -->/p' "$root/README.md" | sed '1d;$d')
if [ "$printed" != "$stored" ]; then
  printf '%s\n' "the table in README.md differs from \`weft validate --summary\`; printed:" "$printed" >&2
  exit 1
fi
