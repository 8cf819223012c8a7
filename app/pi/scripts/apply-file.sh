#!/bin/sh
# Exchanges one file for the staged one. $1 path, $2 old hash, $3 new hash, $4 staged file, $5 backup, $6 mode, $7 id;
# "-" for none. Killed at any moment it leaves the old file or the new one, and the backup whole or not there.
# Exit codes: 91 the file changed, 92 staged file damaged, 95 failed.
. ./step-common.sh
p=$1 old=$2 new=$3 staged=$4 backup=$5 mode=$6
d=${p%/*}; t=
c=$(now "$p")
[ "$c" = "$new" ] && { echo already; exit 0; }
[ "$c" = "$old" ] || exit 91
[ "$new" = - ] || [ "$(now "$staged")" = "$new" ] || exit 92
need=64
[ "$new" = - ] || need=$(( $(wc -c < "$staged") / 512 + 64 ))
[ -d "$d" ] || mkdir -p -- "$d" || fail
[ -w "$d" ] || fail
# A step that a broken connection left behind may still be at work: no two ever share a temporary file.
t=$d/.canopus-$7-$$.tmp
find "$d" -maxdepth 1 \( -name '.canopus-*.tmp' -o -name '.canopus-*.old' \) -mmin +10 -delete 2>/dev/null
# The backup may lie on another file system; it gets its name where it lies, or it could be there by half.
b=${backup%/*}/.canopus-$7-$$.old
trap 'rm -f -- "$t" "$b"' EXIT
trap 'exit 143' TERM HUP INT
if [ "$old" != - ]; then
  cp -p -- "$p" "$b" && sync -- "$b" && [ "$(now "$b")" = "$old" ] && mv -f -- "$b" "$backup" || { rm -f -- "$b"; fail; }
fi
if [ "$new" = - ]; then
  rm -f -- "$p" || fail
else
  # A copy of the old file keeps its owner, mode and access list; then the content is exchanged.
  if [ "$old" != - ]; then cp -p -- "$p" "$t"; else ( umask 077; : > "$t" ) && chmod "$mode" "$t"; fi || fail
  cat -- "$staged" > "$t" && sync -- "$t" && [ "$(now "$t")" = "$new" ] || fail
  [ "$(now "$p")" = "$old" ] || exit 91
  mv -f -- "$t" "$p" || fail
fi
sync -- "$d"
[ "$(now "$p")" = "$new" ] || exit 95
