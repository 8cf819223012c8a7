#!/bin/sh
# Prints how an interface is, a line whenever that changes, "null" where it is not there. $1 name, $2 tenths of seconds.
R=$CANOPUS_ROOT; PATH="$PATH:$R/usr/local/sbin:$R/usr/sbin:$R/sbin"; export PATH
last='' n=0
while [ "$n" -le "$2" ]; do
  j=$(ip -d -j link show dev "$1" 2>/dev/null | tr -d '\n')
  [ -n "$j" ] || j=null
  [ "$j" = "$last" ] || printf '%s\n' "$j"
  last=$j; n=$((n+1))
  sleep 0.1
done
