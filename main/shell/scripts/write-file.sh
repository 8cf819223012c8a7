#!/bin/sh
# Puts standard input into $1 whole: temporary file $4 beside it, mode $2, flushed, renamed. $3 is how many bytes have to
# come: a connection that breaks ends standard input, too. Exit codes: 81 missing, 82 refused, 84 disk full, 85 cut.
. ./dies.sh
d=${1%/*}; s=$3
[ -n "$d" ] || d=/
[ -d "$d" ] || exit 81
[ -d "$1" ] && exit 82
[ -w "$d" ] || exit 82
trap 'rm -f -- "$4"' EXIT
trap 'exit 143' TERM HUP INT
umask 077
cat > "$4" || dies 82
[ "$(wc -c < "$4")" -eq "$3" ] || dies 85
chmod "$2" "$4" && sync -- "$4" && mv -f -- "$4" "$1" || dies 82
sync -- "$d"
