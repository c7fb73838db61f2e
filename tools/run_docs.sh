#!/bin/sh
# Runs the commands of documents, so that they cannot go stale: every ```sh block of the files given, in order, each in one
# shell at the root of the source folder that stops at the first failure. Blocks of any other kind are not run.
# Usage: tools/run_docs.sh docs/tutorial.md ...
set -eu

root=$(dirname -- "$(readlink -f -- "$0")")
root=${root%/*}
[ $# -gt 0 ] || { echo "usage: tools/run_docs.sh FILE.md ..." >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/weft-docs.XXXXXX")
trap 'rm -rf "$work"' EXIT

total=0
for document in "$@"; do
  # One file per block, named by the line it starts on.
  rm -f "$work"/*.block
  awk -v folder="$work" '
    /^```sh[ \t]*$/ && !inside { inside = 1; file = sprintf("%s/%06d.block", folder, NR + 1); printf "" > file; next }
    /^```/ && inside { inside = 0; close(file); next }
    inside { print > file }
    END { if (inside) { print FILENAME ": the last block is not closed" > "/dev/stderr"; exit 1 } }' "$document"
  for block in "$work"/*.block; do
    [ -e "$block" ] || { echo "$document: no \`\`\`sh block to run" >&2; exit 1; }
    line=${block##*/} line=${line%.block}
    line=$(printf '%s' "$line" | sed 's/^0*//')
    if (cd "$root" && sh -eu "$block") >"$work/output" 2>&1 </dev/null; then
      total=$((total + 1))
      echo "$document:$line: ran"
    else
      echo "$document:$line: failed with exit code $?:" >&2
      sed 's/^/    /' "$block" >&2
      echo "  and printed:" >&2
      sed 's/^/    /' "$work/output" >&2
      exit 1
    fi
  done
done
echo "$total blocks ran"
