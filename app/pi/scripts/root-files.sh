#!/bin/sh
# Run as root: sends files that the user may not read, and changes nothing. $1 nonce, $2 what stands before the paths of the
# system, then files and folders of its configuration. Of what is about many things only that is sent which names CAN: keys
# of a VPN stay where they are. Links that lead elsewhere are not followed.
echo canopus-started
N=$1; R=$2
shift 2
. ./file-parts.sh
one() {
  [ -e "$1" ] || return 0
  real=$(readlink -f -- "$1") || real=$1
  case $real in
    "$R"/etc/network/* | "$R"/etc/systemd/* | "$R"/etc/udev/* | "$R"/run/systemd/* | "$R"/run/udev/* | "$R"/etc/rc.local) ;;
    *) return 0 ;;
  esac
  case $real in
    */network/interfaces | */network/interfaces.d/*) i "$1" ;;
    *.link | *.network | *.network.d/*.conf | *.link.d/*.conf) f network "$1" ;;
    *)
      if grep -qIsE "$CAN|=can" "$real"; then f network "$1"; unit_names "$1"; fi ;;
  esac
  s opened; printf '%s\n' "$1"
}
for p; do
  if [ -d "$p" ]; then
    for q in "$p"/* "$p"/*.d/*.conf; do [ -f "$q" ] && one "$q"; done
    s opened; printf '%s\n' "$p"
  else
    one "$p"
  fi
done
if [ -n "$can_units" ] && command -v systemctl > /dev/null 2>&1; then
  s units
  # shellcheck disable=SC2086 # Names of units, which have no blanks.
  systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState $can_units 2> /dev/null
fi
s end
