#compdef canopus
_canopus() {
  local -a found
  found=("${(@f)$(canopus complete -- "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ -n ${found[1]} ]]; then
    compadd -a found
  else
    _files
  fi
}
compdef _canopus canopus
