# shellcheck shell=sh
# Shared by tools/weft and tools/test: find or install what the build needs, configure, build. Read with `.`, POSIX sh.
# Expects $root, the source folder. Everything it says goes to standard error.

say() { printf '%s\n' "weft: $*" >&2; }

# Package of Debian 12 : how to see that it is there. Headers are asked of the compiler, so that other systems and
# libraries under /opt are recognised, too.
needs='g++:command:g++
cmake:command:cmake
ninja-build:command:ninja
libyaml-cpp-dev:header:yaml-cpp/yaml.h
libsimgrid-dev:header:simgrid/s4u.hpp
libboost-graph-dev:header:boost/graph/adjacency_list.hpp
doctest-dev:header:doctest/doctest.h
libbenchmark-dev:header:benchmark/benchmark.h
libexpat1-dev:header:expat.h
zlib1g-dev:header:zlib.h'

has_header() {
  [ -n "${has_compiler:-}" ] || return 1
  printf '#include <%s>\n' "$1" | g++ -x c++ -std=c++20 -M -I/opt/simgrid/include - >/dev/null 2>&1
}

# Prints the packages that are missing, on one line.
missing_packages() {
  has_compiler=$(command -v g++) || has_compiler=
  missing=
  for need in $needs; do
    package=${need%%:*} rest=${need#*:}
    case $rest in
      command:*) command -v "${rest#command:}" >/dev/null 2>&1 || missing="$missing $package" ;;
      header:*) has_header "${rest#header:}" || missing="$missing $package" ;;
    esac
  done
  printf '%s\n' "${missing# }"
}

# Installs what is missing when that needs no question: as root, or in CI with a sudo that asks nothing.
# Otherwise says what to run and exits 3.
install_missing() {
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    say "the build needs these packages of Debian 12, or what they hold: $missing"
    exit 3
  fi
  if [ "$(id -u)" -eq 0 ]; then
    as_root='env'
  elif [ -n "${CI:-}" ] && command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n env'
  else
    say "the build needs a few packages first. Please run:"
    printf '    sudo apt-get install -y --no-install-recommends %s\n' "$missing" >&2
    exit 3
  fi
  say "installing $missing"
  if ! install_packages; then
    say "could not install the packages (see above; install them by hand: $missing)"
    exit 3
  fi
}

# The lists are words to be split.
# shellcheck disable=SC2086
install_packages() {
  quiet_unless_failing $as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq -o Acquire::Retries=3 </dev/null &&
    quiet_unless_failing $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 $missing </dev/null
}

# Runs a command, shows its output on a terminal, and elsewhere only when it fails.
quiet_unless_failing() {
  if [ -t 2 ]; then "$@" >&2; return; fi
  log=$(mktemp "${TMPDIR:-/tmp}/weft.XXXXXX") || return 1
  if "$@" >"$log" 2>&1; then rm -f "$log"; else
    failed=$?
    cat "$log" >&2
    rm -f "$log"
    return "$failed"
  fi
}

cores() { nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }

# configure FOLDER [cmake options ...]: only when that has not been done, or was done for a source folder elsewhere.
configure() {
  folder=$1
  shift
  if [ -f "$folder/CMakeCache.txt" ] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    [ ! -f "$folder/build.ninja" ] && [ ! -f "$folder/Makefile" ] || return 0
  fi
  generator=
  ! command -v ninja >/dev/null 2>&1 || generator='-GNinja'
  say "configuring ${folder#"$root"/}"
  quiet_unless_failing cmake --fresh ${generator:+"$generator"} -S "$root" -B "$folder" -DCMAKE_BUILD_TYPE=Release "$@" </dev/null
}

# compile FOLDER [target ...]
compile() {
  folder=$1
  shift
  say "building ${folder#"$root"/}${1:+ ($*)}"
  quiet_unless_failing cmake --build "$folder" --parallel "$(cores)" ${1:+--target "$@"} </dev/null
}
