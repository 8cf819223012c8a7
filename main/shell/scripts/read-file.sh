#!/bin/sh
# Prints the file $1 if it has at most $2 bytes. Exit codes: 81 missing, 82 refused, 83 too long.
[ -e "$1" ] || exit 81
[ -f "$1" ] && [ -r "$1" ] || exit 82
s=$(wc -c < "$1") || exit 82
[ "$s" -le "$2" ] || exit 83
exec cat -- "$1"
