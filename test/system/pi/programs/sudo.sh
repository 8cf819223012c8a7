#!/bin/sh
# sudo: runs what it is given, after the password where the state folder has one.
[ "$1" = -n ] && { [ ! -f "$CANOPUS_STATE/password" ]; exit; }
while [ $# -gt 0 ]; do
  case $1 in -k|-S) shift ;; -p) shift 2 ;; --) shift; break ;; *) break ;; esac
done
if [ -f "$CANOPUS_STATE/password" ]; then
  IFS= read -r p
  [ "$p" = "$(cat "$CANOPUS_STATE/password")" ] || { echo 'Sorry, try again.' >&2; exit 1; }
fi
exec "$@"
