# Completion of weft's commands, options and files for bash. Load it with:  . tools/completion/weft.bash

_weft_data() {
  # The folder with platforms/ and scenarios/: WEFT_DATA, or the source folder of the weft being completed.
  if [[ -n ${WEFT_DATA:-} ]]; then printf '%s' "$WEFT_DATA"; return; fi
  local binary
  binary=$(readlink -f -- "$(type -P -- "${COMP_WORDS[0]/#\~/$HOME}")" 2>/dev/null) || return
  printf '%s' "${binary%/tools/weft}"
}

_weft_presets() { # names of the presets in a folder of the data
  local file
  for file in "$(_weft_data)/$1"/*.yaml; do
    [[ -e $file ]] && basename "$file" .yaml
  done
}

_weft_files() { compgen -f -X '!*.@(yaml|yml)' -- "$1"; compgen -d -S / -- "$1"; }

_weft() {
  local commands='run compare topo list validate check'
  local options='--set --out --dump --help --version'
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --set | --out | --dump) ((i++)) ;;
      -*) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done

  local IFS=$'\n'
  COMPREPLY=()
  case $before in
    --dump) IFS=' ' COMPREPLY=($(compgen -W 'spec fabric job fold trace' -- "$word")); return ;;
    --out) COMPREPLY=($(compgen -d -S / -- "$word")); compopt -o nospace 2>/dev/null; return ;;
    --set)
      IFS=' ' COMPREPLY=($(compgen -S . -W 'platform workload collective plan faults engine' -- "$word"))
      compopt -o nospace 2>/dev/null
      return
      ;;
  esac
  if [[ $word == -* ]]; then IFS=' ' COMPREPLY=($(compgen -W "$options" -- "$word")); return; fi
  case $command in
    '') IFS=' ' COMPREPLY=($(compgen -W "$commands" -- "$word")) ;;
    run | compare | check) COMPREPLY=($(_weft_files "$word")); compopt -o filenames 2>/dev/null ;;
    topo) COMPREPLY=($(compgen -W "$(_weft_presets platforms/clusters)" -- "$word") $(_weft_files "$word")) ;;
    validate) COMPREPLY=($(compgen -W "$(_weft_presets scenarios/validation/tables)" -- "$word") $(_weft_files "$word")) ;;
    list) IFS=' ' COMPREPLY=($(compgen -W 'chips nodes links switches libraries clusters models topologies routings collectives schedules' -- "$word")) ;;
  esac
}

complete -F _weft weft
