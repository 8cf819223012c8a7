#!/bin/sh
# dies CODE: ends with what went wrong with a write into $d: 84 where the file system has no room, else CODE. Asked of df,
# not read from a message.
dies() {
  # shellcheck disable=SC2154 # Each script sets d.
  free=$(df -Pk -- "$d" 2>/dev/null | awk 'NR==2 { print $4 }')
  need=$(( ${s:-0} / 1024 + 4 ))
  if [ -w "$d" ] && [ -n "$free" ] && [ "$free" -lt "$need" ]; then exit 84; fi
  exit "$1"
}
