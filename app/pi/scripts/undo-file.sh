#!/bin/sh
# Puts the old file back. $1 path, $2 old hash, $3 new hash, $4 backup, $5 "force" or "-", $6 id, $7 "folder" where
# applying made the folder. The backup goes only when the file is back.
# Exit codes: 91 the file changed, 95 failed, 97 backup damaged.
. ./step-common.sh
p=$1 old=$2 new=$3 backup=$4
d=${p%/*}; t=
c=$(now "$p")
if [ "$c" = "$old" ]; then
  [ "$backup" = - ] || rm -f -- "$backup"
  [ "$7" = folder ] && rmdir -- "$d" 2>/dev/null
  echo already; exit 0
fi
[ "$c" = "$new" ] || [ "$5" = force ] || exit 91
if [ "$old" = - ]; then
  rm -f -- "$p" || fail
  sync -- "$d"
  [ "$7" = folder ] && rmdir -- "$d" 2>/dev/null
else
  [ "$(now "$backup")" = "$old" ] || exit 97
  need=$(( $(wc -c < "$backup") / 1024 + 64 ))
  t=$d/.canopus-$6-$$.tmp
  trap 'rm -f -- "$t"' EXIT
  trap 'exit 143' TERM HUP INT
  cp -p -- "$backup" "$t" && sync -- "$t" && [ "$(now "$t")" = "$old" ] && mv -f -- "$t" "$p" || fail
  sync -- "$d"
  [ "$(now "$p")" = "$old" ] || exit 95
  rm -f -- "$backup"
fi
exit 0
