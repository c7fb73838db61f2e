#!/bin/sh
# Every data file opens with what it is, every preset names its source and how far to trust it, every scenario says what it shows,
# and the program can read all of them.
set -eu
cd "$1"
weft=$2
broken=0
complain() { echo "$1" >&2; broken=1; }

count=0
for file in $(find platforms workloads -name '*.yaml' | LC_ALL=C sort); do
  count=$((count + 1))
  head -1 "$file" | grep -q '^# .' || complain "$file:1: does not open with a comment that says what it is"
  for key in title source; do grep -q "^$key: ." "$file" || complain "$file: has no $key"; done
  grep -q '^confidence: ' "$file" || grep -q '^base: ' "$file" || complain "$file: has no confidence"
done
[ "$count" -ge 200 ] || complain "only $count presets were found"
for what in chips nodes links switches clusters models; do
  said=$("$weft" list "$what" 2>&1) || complain "weft list $what failed: $said"
done

# A preset that starts from another must not pass on what is not its own: each says for itself what it is and how far to trust it.
for file in platforms/chips/*.yaml platforms/links/*.yaml platforms/switches/*.yaml workloads/models/*.yaml; do
  grep -q '^confidence: ' "$file" || complain "$file: has no confidence of its own"
done

scenarios=0
for file in $(find scenarios -name '*.yaml' ! -path '*/tables/*' | LC_ALL=C sort); do
  scenarios=$((scenarios + 1))
  for key in title about platform; do grep -q "^$key:" "$file" || complain "$file: has no $key"; done
  said=$("$weft" check "$file" 2>&1) || complain "weft check $file failed: $said"
done
[ "$scenarios" -ge 30 ] || complain "only $scenarios scenarios were found"

for file in platforms/clusters/*.yaml; do
  name=$(basename "$file" .yaml)
  [ "$name" = selene ] || "$weft" topo "$name" >/dev/null 2>&1 || complain "weft topo $name failed: $("$weft" topo "$name" 2>&1 | tail -1)"
done

# A table's rows name scenarios that are there.
for table in scenarios/validation/tables/*.yaml; do
  for row in $(sed -n 's/^ *scenario: *//p' "$table"); do
    [ -f "scenarios/validation/tables/$row" ] || complain "$table: there is no $row"
  done
done
exit "$broken"
