# Completion of weft's commands, options and files for bash, ./tools/weft included. After the first build:
#     . tools/completion/weft.bash
# The program writes it from the tables it parses the command line with; WEFT_BINARY names another program than build/sim/weft.
_weft_binary=${WEFT_BINARY:-$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../../build/sim/weft}
if [[ -x $_weft_binary ]]; then
  # shellcheck source=/dev/null
  . <("$_weft_binary" completion bash)
fi
unset _weft_binary
