#!/bin/sh
# Marks a journal. $1 its folder, $2 the state. Staged contents are not needed once it is done.
. ./step-common.sh
d=$1; t=$d/.state
printf %s "$2" > "$t" && sync -- "$t" && mv -f -- "$t" "$d/state" && sync -- "$d" || fail
case $2 in open) ;; *) rm -f -- "$d"/new-* ;; esac
exit 0
