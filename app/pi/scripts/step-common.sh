#!/bin/sh
# The head of each step. now PATH: the SHA-256 of a file, "-" where there is none, "other" for anything else.
# fail: ends with the reason why $d cannot be written, asked of the system and not read from messages.
# Exit codes: 93 disk full, 94 read-only, 95 failed.
LC_ALL=C; export LC_ALL
echo canopus-started
now() {
  if [ -f "$1" ]; then sha256sum < "$1" | cut -d' ' -f1
  elif [ -e "$1" ] || [ -L "$1" ]; then echo other
  else echo -; fi
}
fail() {
  trap - EXIT
  [ -n "$t" ] && rm -f -- "$t"
  # shellcheck disable=SC2154 # Each step sets d, and t where it has a temporary file.
  e=$d
  while [ ! -d "$e" ] && [ -n "$e" ]; do e=${e%/*}; done
  [ -w "${e:-/}" ] || exit 94
  free=$(df -Pk -- "${e:-/}" 2>/dev/null | awk 'NR==2 { print $4 }')
  [ -n "$free" ] && [ "$free" -lt "${need:-64}" ] && exit 93
  exit 95
}
