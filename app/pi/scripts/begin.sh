#!/bin/sh
# Writes a journal. $1 folder of all journals, $2 id. Standard input: lines "@NAME", each followed by that file's content
# as base64; "state" is written here, when all else is on the disk.
# Exit codes: 95 failed, 96 a journal is open.
. ./step-common.sh
umask 077
d=$1; need=1024
mkdir -p -- "$1" || fail
for s in "$1"/*/state; do
  [ -f "$s" ] && [ "$(cat "$s")" = open ] && exit 96
done
d=$1/$2
mkdir -- "$d" || fail
awk -v d="$d" '
  /^@/ { if (c) { if (close(c)) exit 1 } c = "base64 -d > \"" d "/" substr($0, 2) "\""; printf "" | c; next }
  { print | c }
  END { if (c && close(c)) exit 1 }' || { rm -rf -- "$d"; d=$1; fail; }
# A connection that broke ends standard input, too; what came whole ends with this name.
[ -f "$d/complete" ] || { rm -rf -- "$d"; exit 95; }
sync -- "$d"/* && printf open > "$d/state" && sync -- "$d/state" "$d" || { rm -rf -- "$d"; d=$1; fail; }
