#!/bin/sh
# tools/weft on a toy project in a folder of its own, with a cmake that only notes that it was called: builds once, then runs the
# binary at once; builds again after a source changed, came or went; hands on arguments, data folder and exit code; and where it
# may not install, prints the command and exits 3.
set -eu
source=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/weft-launcher.XXXXXX")
trap 'rm -rf "$work"' EXIT
fail() { echo "$1" >&2; exit 1; }
unset WEFT_DATA WEFT_BINARY CI 2>/dev/null || true

mkdir -p "$work/toy/tools/cmake" "$work/toy/sim/units" "$work/bin"
cp "$source/tools/weft" "$source/tools/prepare.sh" "$work/toy/tools/"
echo 'int main() {}' >"$work/toy/tools/weft.cpp"
echo '// empty' >"$work/toy/sim/units/id.hpp"
echo '# empty' >"$work/toy/CMakeLists.txt"

# A cmake that writes what a real one would: a configured folder, then a program that shows its arguments.
cat >"$work/bin/cmake" <<'CMAKE'
#!/bin/sh
echo "$1" >>"$WORK/calls"
case $1 in
  --build)
    mkdir -p "$2/sim"
    printf '#!/bin/sh\necho "data $WEFT_DATA"\necho "arguments $*"\nexit 7\n' >"$2/sim/weft"
    chmod +x "$2/sim/weft"
    ;;
  *)
    mkdir -p "$WORK/toy/build"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$WORK/toy" >"$WORK/toy/build/CMakeCache.txt"
    : >"$WORK/toy/build/build.ninja"
    ;;
esac
CMAKE
# A compiler that finds every header, so that nothing is missing.
printf '#!/bin/sh\ncat >/dev/null\nexit ${HEADERS_MISSING:-0}\n' >"$work/bin/g++"
printf '#!/bin/sh\n' >"$work/bin/ninja"
chmod +x "$work/bin/cmake" "$work/bin/g++" "$work/bin/ninja"
WORK=$work PATH=$work/bin:$PATH
export WORK PATH

calls() { wc -l <"$work/calls" 2>/dev/null || echo 0; }
launch() { # expected number of cmake calls so far
  said=$("$work/toy/tools/weft" run 'a b' --set x=1 2>"$work/errors") && code=0 || code=$?
  [ "$code" -eq 7 ] || fail "exit code $code instead of the program's 7: $(cat "$work/errors")"
  [ "$said" = "data $work/toy
arguments run a b --set x=1" ] || fail "the program was called otherwise: $said"
  [ "$(calls)" -eq "$1" ] || fail "cmake was called $(calls) times so far instead of $1: $(cat "$work/calls")"
}

launch 2 # configured and built
launch 2 # nothing to do
sleep 0.02
echo '// changed' >"$work/toy/sim/units/id.hpp"
launch 3 # built again, not configured again
launch 3
sleep 0.02
echo '// new' >"$work/toy/sim/units/new.hpp"
launch 4
sleep 0.02
rm "$work/toy/sim/units/new.hpp"
launch 5
ln -s "$work/toy/tools/weft" "$work/bin/weft"
[ "$(weft list | head -1)" = "data $work/toy" ] || fail "a link to the launcher does not find its folder"

# Another program, another data folder.
[ "$(WEFT_BINARY=/bin/echo "$work/toy/tools/weft" hello)" = hello ] || fail "WEFT_BINARY is not heeded"
[ "$(WEFT_DATA=/elsewhere "$work/toy/tools/weft" | head -1)" = 'data /elsewhere' ] || fail "WEFT_DATA is not heeded"

# Without root and without CI nothing is installed: the command is printed. (id is replaced, so that the test may run as root.)
printf '#!/bin/sh\necho 1000\n' >"$work/bin/id"
chmod +x "$work/bin/id"
if command -v apt-get >/dev/null 2>&1; then
  rm -rf "$work/toy/build"
  HEADERS_MISSING=1 "$work/toy/tools/weft" list >/dev/null 2>"$work/errors" && code=0 || code=$?
  [ "$code" -eq 3 ] || fail "exit code $code instead of 3 where packages are missing"
  grep -q 'sudo apt-get install -y --no-install-recommends .*libsimgrid-dev' "$work/errors" || fail "no command was printed: $(cat "$work/errors")"
fi
