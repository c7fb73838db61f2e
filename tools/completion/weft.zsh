# Completion of weft's commands, options and files for zsh, ./tools/weft included. After the first build, and after compinit:
#     . tools/completion/weft.zsh
# The program writes it from the tables it parses the command line with; WEFT_BINARY names another program than build/sim/weft.
_weft_binary=${WEFT_BINARY:-${${(%):-%x}:A:h:h:h}/build/sim/weft}
if [[ -x $_weft_binary ]]; then
  source <("$_weft_binary" completion zsh)
fi
unset _weft_binary
