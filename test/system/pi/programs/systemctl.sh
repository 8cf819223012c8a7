#!/bin/sh
# systemctl: units are a file in the state folder, as systemctl show prints it.
case "$1" in
--version) echo 'systemd 252 (252.39-1~deb12u2)'; exit ;;
show) cat "$CANOPUS_STATE/units"; exit ;;
enable|disable)
  for unit; do :; done
  sed -i "/^Id=$unit$/,/^$/ s/^UnitFileState=.*/UnitFileState=$1d/" "$CANOPUS_STATE/units"
  case "$*" in *--now*)
    active=inactive; [ "$1" = enable ] && active=active
    sed -i "/^Id=$unit$/,/^$/ s/^ActiveState=.*/ActiveState=$active/" "$CANOPUS_STATE/units" ;;
  esac ;;
esac
. ./note.sh
