#!/bin/sh
# Keeps a text for later, whole or not at all. $1 path; standard input: the text; an empty one removes the file.
# Exit codes: 93 disk full, 94 read-only, 95 failed.
. ./step-common.sh
umask 077
p=$1 d=${1%/*}; t=
mkdir -p -- "$d" || fail
t=$d/.keep-$$.tmp
cat > "$t" || fail
if [ -s "$t" ]; then mv -f -- "$t" "$p" || fail
else rm -f -- "$t" "$p" || fail; fi
exit 0
