#!/bin/sh
# tools/check_rooms.sh passes a small house that keeps the rules and names each rule that is broken, with file and line.
set -eu
source=$1
house=$(mktemp -d "${TMPDIR:-/tmp}/weft-rooms.XXXXXX")
trap 'rm -rf "$house"' EXIT

fail() { echo "$1" >&2; exit 1; }

build_house() {
  rm -rf "$house/sim" "$house/tools"
  mkdir -p "$house/tools" "$house/sim/units" "$house/sim/config" "$house/sim/engine" "$house/sim/metrics"
  printf '%s\n' '# a table' 'units: -' 'config: units | yaml-cpp' 'engine: units | simgrid' 'metrics: units engine/trace.hpp' >"$house/tools/rooms.txt"
  echo '#include <vector>' >"$house/sim/units/id.hpp"
  printf '%s\n' '#pragma once' '#include "units/id.hpp"' >"$house/sim/config/node.hpp"
  printf '%s\n' '#include "config/node.hpp"' '#include <yaml-cpp/yaml.h>' >"$house/sim/config/node.cpp"
  echo '#include "units/id.hpp"' >"$house/sim/engine/trace.hpp"
  echo '#include <simgrid/s4u.hpp>' >"$house/sim/engine/inner.hpp"
  echo '#include "engine/trace.hpp"' >"$house/sim/metrics/results.cpp"
}

# break NAME EXPECTED: a house with the given extra line must fail and say EXPECTED.
refuses() { # file, line of text, expected words
  build_house
  mkdir -p "$house/$(dirname "$1")"
  echo "$2" >>"$house/$1"
  if said=$("$source/tools/check_rooms.sh" "$house" 2>&1); then fail "passed, though $1 holds: $2"; fi
  case $said in *"$3"*) ;; *) fail "$1 with '$2' should say '$3' but says: $said" ;; esac
}

build_house
"$source/tools/check_rooms.sh" "$house" >/dev/null || fail "a house that keeps the rules was refused"

refuses sim/units/id.hpp '#include "config/node.hpp"' 'sim/units/id.hpp:2: room units may not include config/node.hpp'
refuses sim/units/id.hpp '#  include <config/node.hpp>' 'room units may not include config/node.hpp'
refuses sim/metrics/results.cpp '#include "engine/inner.hpp"' 'sim/metrics/results.cpp:2: room metrics may not include engine/inner.hpp'
refuses sim/units/id.hpp '#include <yaml-cpp/yaml.h>' 'a guest of config'
refuses sim/config/node.cpp '#include <boost/graph/adjacency_list.hpp>' 'a guest of no room'
refuses sim/metrics/results.cpp '#include <xbt/log.h>' 'a guest of engine'
refuses sim/engine/trace.hpp '#include "engine/inner.hpp"' 'sim/metrics/results.cpp:1: engine/trace.hpp shows the guest simgrid to room metrics'
refuses sim/config/node.cpp '#include "local.hpp"' 'does not start with a room'
refuses sim/attic/box.cpp '#include "units/id.hpp"' 'room attic does not stand in'
refuses tools/rooms.txt 'cellar: roof' 'which does not stand above it'
