#!/bin/sh
# Holds the includes of sim/ to tools/rooms.txt: which room may include which, and which library is a guest in which room.
# A header that shows a guest, directly or through another header, stays in its room. One line per break, file:line: what.
# Usage: tools/check_rooms.sh [source folder]
set -eu

root=${1:-$(dirname -- "$(readlink -f -- "$0")")/..}
cd "$root"
# Everything in single quotes is awk's.
# shellcheck disable=SC2016
find sim -type f \( -name '*.hpp' -o -name '*.cpp' \) | LC_ALL=C sort | xargs awk '
  function complain(where, text) { print where ": " text; broken++ }
  function words(text, into,   n, i, list) { n = split(text, list, /[ \t]+/); for (i = 1; i <= n; i++) if (list[i] != "") into[list[i]] = 1 }

  BEGIN {
    table = "tools/rooms.txt"
    while ((got = (getline line < table)) > 0) {
      row++
      if (line ~ /^[ \t]*(#|$)/) continue
      room = line; sub(/:.*/, "", room); gsub(/[ \t]/, "", room)
      if (room in known) complain(table ":" row, "room " room " stands twice")
      rest = line; sub(/^[^:]*:/, "", rest)
      guests = ""
      if (index(rest, "|")) { guests = rest; sub(/^[^|]*\|/, "", guests); sub(/\|.*/, "", rest) }
      known[room] = 1; rooms[++count] = room
      delete may
      words(rest, may)
      for (word in may) {
        if (word == "-") continue
        allowed[room, word] = 1
        lower = word; sub(/\/.*/, "", lower)
        if (word != "*" && !(lower in known)) complain(table ":" row, room " may include " word ", which does not stand above it (includes go down only)")
      }
      delete may
      words(guests, may)
      for (word in may) { home[word] = room; if (word == "simgrid") home["xbt"] = room }
    }
    if (got < 0 || count == 0) { print table ": cannot be read"; broken++; exit 1 }
  }

  # The guest an include belongs to, or nothing. Any part of Boost is a guest where a part of Boost is.
  function guest_of(path,   g, top) {
    for (g in home) if (path == g || index(path, g "/") == 1) return g
    top = path; sub(/\/.*/, "", top)
    for (g in home) if (index(g, top "/") == 1) return g
    if (top == "boost") return "boost"
    return ""
  }

  FNR == 1 { file = FILENAME; path = file; sub(/^sim\//, "", path); room = path; sub(/\/.*/, "", room); if (!(room in known)) complain(file ":1", "room " room " does not stand in " table) }

  /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    target = $0
    sub(/^[^<"]*[<"]/, "", target); sub(/[>"].*/, "", target)
    top = target; sub(/\/.*/, "", top)
    where = file ":" FNR
    guest = guest_of(target)
    if (guest != "") {
      if (!(guest in home) || home[guest] != room) complain(where, "room " room " includes <" target ">, a guest of " (guest in home ? home[guest] : "no room"))
      if (file ~ /\.hpp$/) { shows[path] = guest; shown_at[path] = where }
      next
    }
    if (index(target, "/") && (top in known)) {
      if (top != room && !((room, top) in allowed) && !((room, target) in allowed) && !((room, "*") in allowed))
        complain(where, "room " room " may not include " target " (" table " allows it not; includes go down only)")
      n_edges++; edge_from[n_edges] = path; edge_to[n_edges] = target; edge_at[n_edges] = where
      next
    }
    if ($0 ~ /include[ \t]*"/) complain(where, "\"" target "\" does not start with a room (write \"room/file.hpp\")")
  }

  END {
    if (count == 0) exit 1
    do {                                        # headers that show a guest through another header
      grown = 0
      for (e = 1; e <= n_edges; e++)
        if ((edge_to[e] in shows) && edge_from[e] ~ /\.hpp$/ && !(edge_from[e] in shows)) { shows[edge_from[e]] = shows[edge_to[e]]; grown = 1 }
    } while (grown)
    for (e = 1; e <= n_edges; e++) {
      a = edge_from[e]; sub(/\/.*/, "", a)
      b = edge_to[e]; sub(/\/.*/, "", b)
      if (a != b && (edge_to[e] in shows)) complain(edge_at[e], edge_to[e] " shows the guest " shows[edge_to[e]] " to room " a " (keep the guest behind a .cpp)")
    }
    if (broken) { print broken " include" (broken == 1 ? "" : "s") " against " table; exit 1 }
    print n_edges " includes of " count " rooms keep to " table
  }'
