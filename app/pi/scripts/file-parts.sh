#!/bin/sh
# The head of a script that sends files: parts of a report for parseReport. Needs N, the nonce, and R, which stands before
# the paths of the system. Files are at most 4 MiB and go out as base64.
LC_ALL=C; export LC_ALL
# Not "$*", which is joined by whatever IFS is.
s() { printf '\n@%s' "$N"; printf ' %s' "$@"; echo; }


# f KIND PATH: a file, with what is needed to restore it; if it cannot be read, why. Sets real. A file
# that is reached by a second name is not sent twice.
NL='
'
sent=$NL
f() {
  [ -e "$2" ] || [ -L "$2" ] || return 0
  real=$(readlink -f -- "$2") || real=$2
  why=
  if [ ! -e "$2" ]; then why=dangling
  elif [ -d "$2" ]; then why=folder
  elif [ ! -f "$2" ]; then why=no-file
  elif [ ! -r "$2" ]; then why=not-readable; fi
  stat=$(stat -c "%s %a$NL%U$NL%G" -- "$real" 2>/dev/null) || [ -n "$why" ] || why=not-readable
  [ -n "$why" ] || [ "${stat%% *}" -le 4194304 ] || why=too-large
  if [ -n "$why" ]; then
    s unread "$1" "$why"; printf '%s\n%s\n' "$2" "$real"
    return 0
  fi
  case $sent in *"$NL$real$NL"*) s same "$1"; printf '%s\n%s\n' "$2" "$real"; return 0 ;; esac
  sent=$sent$real$NL
  may=no
  [ -w "${real%/*}" ] && [ -O "$real" ] && may=yes
  s "$1" "${stat%%"$NL"*}" "$may"
  printf '%s\n%s\n%s\n' "$2" "$real" "${stat#*"$NL"}"
  base64 "$real"
}
# i FILE: a file of ifupdown, and what it sources.
read_already=$NL
i() {
  case $read_already in *"$NL$1$NL"*) return 0 ;; esac
  read_already=$read_already$1$NL
  f network "$1"
  [ -f "$1" ] && [ -r "$1" ] || return 0
  sed -n 's/^[[:space:]]*source\(-directory\)\{0,1\}[[:space:]]\{1,\}\([^[:space:]]\{1,\}\).*/f\1 \2/p' "$1" |
  while read -r kind glob; do
    case $glob in /*) glob=$R$glob ;; *) glob=${1%/*}/$glob ;; esac
    [ "$kind" = f ] || glob="$glob/*"
    for p in $glob; do [ -f "$p" ] && i "$p"; done
  done
}
# What may concern a CAN interface, in files that are about many things.
# shellcheck disable=SC2034 # For the script that has this at its head.
CAN='(^|[^a-z])can([0-9]|[*%@])|type +can|tx_queue_len|txqueuelen|slcand|gs_usb'
# unit_names FILE: adds the names under which a file of a service runs to can_units.
can_units=
unit_names() {
  case $1 in
    *@.service)
      # A template runs as what is linked below the units that want it.
      unit=${1##*/}
      for l in "$R"/etc/systemd/system/*.wants/"${unit%.service}"?*.service; do
        [ -L "$l" ] && can_units="$can_units ${l##*/}"
      done ;;
    *.service) can_units="$can_units ${1##*/}" ;;
  esac
}
