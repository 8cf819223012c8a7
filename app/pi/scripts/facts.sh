#!/bin/sh
# Looks at a Pi and changes nothing. $1 nonce. Prints a report for parseReport.
# One script, because each command of its own costs a round trip. POSIX sh with coreutils, as every Debian has; what else
# it calls (ip, systemctl, git) may be missing. CANOPUS_ROOT stands before the paths of the system, for tests on a folder
# that looks like a Pi. Files are at most 4 MiB and go out as base64.
LC_ALL=C; export LC_ALL
N=$1; R=$CANOPUS_ROOT
PATH="$PATH:$R/usr/local/sbin:$R/usr/sbin:$R/sbin"; export PATH
has() { command -v "$1" >/dev/null 2>&1; }
# r FILE: its first line in v, without a process of its own: on a small Pi each of those takes its time.
r() { v=; [ -r "$1" ] && IFS= read -r v < "$1"; } 2>/dev/null
s() { printf '\n@%s %s\n' "$N" "$*"; }

# f KIND PATH: a file, with what is needed to put it back as it was.
f() {
  [ -f "$2" ] && [ -r "$2" ] || return 0
  real=$(readlink -f -- "$2") || return 0
  stat=$(stat -c '%s %a %U %G' -- "$real") || return 0
  [ "${stat%% *}" -le 4194304 ] || return 0
  may=no
  [ -w "${real%/*}" ] && [ -O "$real" ] && may=yes
  s "$1" "$stat" "$may"
  printf '%s\n%s\n' "$2" "$real"
  base64 -- "$real"
}

s root "$R"
s user; id -u; id -un; id -Gn; printf '%s\n' "$HOME"
s host; uname -n; uname -r; uname -m
s os; cat "$R/etc/os-release" 2>/dev/null
s model; tr -d '\000' 2>/dev/null < "$R/proc/device-tree/model"
s boot-id; cat "$R/proc/sys/kernel/random/boot_id" 2>/dev/null

s tools
for t in ip ifup ifdown ifquery networkctl nmcli udevadm systemctl sudo python3 git; do
  has $t && echo $t
done
if has systemctl; then
  s systemd; systemctl --version 2>/dev/null | head -n 1
  s units
  systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState \
    networking.service systemd-networkd.service systemd-networkd-wait-online.service \
    NetworkManager.service dhcpcd.service canopus-can0.service 2>/dev/null
fi

s gs-usb
if [ -d "$R/sys/module/gs_usb" ]; then echo loaded
elif modinfo -n gs_usb >/dev/null 2>&1; then echo available
elif find "$R/lib/modules/$(uname -r)" -name 'gs_usb.ko*' 2>/dev/null | grep -q .; then echo available
else echo missing; fi

s links; ip -d -s -j link show 2>/dev/null
s can-devices
for d in "$R"/sys/class/net/*; do
  r "$d/type"; [ "$v" = 280 ] || continue
  # The driver, and the interface of the USB device (1-1.2:1.0) or whatever else a HAT hangs on.
  driver=$(readlink -f "$d/device/driver"); device=$(readlink -f "$d/device")
  printf '%s\t%s\t%s\n' "${d##*/}" "${driver##*/}" "${device##*/}"
done
s usb
for d in "$R"/sys/bus/usb/devices/*; do
  [ -f "$d/idVendor" ] || continue
  r "$d/idVendor"; vendor=$v; r "$d/idProduct"; product=$v; r "$d/serial"; serial=$v; r "$d/product"
  printf '%s %s %s\t%s\t%s\n' "${d##*/}" "$vendor" "$product" "$serial" "$v"
done

s folders
for d in /etc/network/interfaces.d /etc/systemd/network /etc/udev/rules.d /etc/systemd/system; do
  [ -d "$R$d" ] && printf '%s\n' "$R$d"
done
for p in "$R/etc/network/interfaces" "$R"/etc/network/interfaces.d/* "$R"/etc/systemd/network/* \
  "$R"/run/systemd/network/* "$R/boot/firmware/config.txt" "$R/boot/config.txt"; do f network "$p"; done
grep -lIE '(^|[^a-z])can([0-9]|\*|%)|type +can|tx_queue_len' "$R"/etc/udev/rules.d/* "$R"/etc/systemd/system/*.service \
  "$R/etc/rc.local" "$R"/etc/network/if-up.d/* "$R"/etc/network/if-pre-up.d/* "$R"/etc/cron.d/* \
  "$R"/etc/NetworkManager/dispatcher.d/* 2>/dev/null | while IFS= read -r p; do f network "$p"; done

# Klipper and Moonraker tell by their command lines which files they use.
main='' tree='' moonraker=''
IFS='
'
# shellcheck disable=SC2046 # A line is a word: see IFS.
set -- $(grep -lsE 'klippy\.py|moonraker' "$R"/proc/[0-9]*/cmdline)
unset IFS
for c; do
  d=${c%/cmdline}
  # Not this script, which names them, too; nor the search, which is over.
  [ "${d##*/}" != $$ ] && [ -r "$c" ] || continue
  s process "${d##*/}" "$(readlink "$d/cwd")"
  tr '\000' '\n' < "$c"
  s unit "${d##*/}"; grep -oE '[^/]+\.service' "$d/cgroup" 2>/dev/null | tail -n 1
  words=$(tr '\000' '\n' < "$c")
  case $words in
    *python*klippy.py*)
      m=$(printf '%s\n' "$words" | grep -E '^/.*\.cfg$' | head -n 1)
      [ -n "$m" ] && main="$main$m
"
      [ -n "$tree" ] || tree=$(printf '%s\n' "$words" | sed -n 's:^\(/.*\)/klippy/klippy\.py$:\1:p' | head -n 1) ;;
    *) moonraker="$moonraker$(printf '%s\n' "$words" | awk '
        flag == "-c" || flag == "--configfile" { print }
        flag == "-d" || flag == "--datapath" { print $0 "/config/moonraker.conf" }
        { flag = $0 }')
" ;;
  esac
done
if [ -z "$main" ]; then
  for m in "$HOME/printer_data/config/printer.cfg" "$HOME/klipper_config/printer.cfg" "$HOME/printer.cfg"; do
    [ -f "$m" ] && { main="$m
"; break; }
  done
fi
s main; printf %s "$main"

# c PATH: a Klipper configuration with everything that it includes, each file once.
seen=$(mktemp) && trap 'rm -f "$seen"' EXIT
c() {
  [ -f "$1" ] || return 0
  grep -qxF -- "$1" "$seen" && return 0
  printf '%s\n' "$1" >> "$seen"
  f config "$1"
  sed -n -e 's/#.*//' -e 's/[[:space:]]*$//' -e 's/^\[include \(.*\)\].*/\1/p' -- "$1" | sed 's/^[[:space:]]*//' |
  while IFS= read -r glob; do
    case $glob in /*) ;; *) glob="${1%/*}/$glob" ;; esac
    # With an empty IFS a pattern expands and a space in it splits nothing.
    ( IFS=; for each in $glob; do printf '%s\n' "$each"; done ) | 
      while IFS= read -r each; do c "$(realpath -sm -- "$each")"; done
  done
}
printf %s "$main" | while IFS= read -r m; do c "$m"; done
[ -n "$moonraker" ] || moonraker="$HOME/printer_data/config/moonraker.conf
$HOME/klipper_config/moonraker.conf"
printf '%s\n' "$moonraker" | while IFS= read -r m; do [ -n "$m" ] && f moonraker "$m"; done

# t NAME PATH: a source tree with its commit.
t() {
  [ -d "$2" ] || return 0
  s "$1" "$2"
  has git || return 0
  git -C "$2" rev-parse HEAD 2>/dev/null && git -C "$2" describe --always --tags --long 2>/dev/null
}
t klipper-tree "${tree:-$HOME/klipper}"
if [ -d "$HOME/katapult" ]; then t katapult-tree "$HOME/katapult"; else t katapult-tree "$HOME/CanBoot"; fi
s python-can
for p in /usr/lib/python3/dist-packages/can "$HOME"/klippy-env/lib/python3*/site-packages/can; do
  [ -d "$p" ] && printf '%s\n' "$p"
done

s sudo
if [ "$(id -u)" = 0 ]; then echo root
elif ! has sudo; then echo none
elif sudo -n true 2>/dev/null; then echo free
else echo password; fi
# Open changes, and the last few of the others.
for d in "$HOME"/.local/state/canopus/plans/*/; do
  [ -f "$d/journal.json" ] && printf '%s\t%s\n' "$(cat "$d/state" 2>/dev/null)" "${d%/}"
done | awk -F '\t' '{ state[NR] = $1; line[NR] = $2 } END { for (i = 1; i <= NR; i++) if (state[i] == "open" || i > NR - 8) print line[i] }' |
while IFS= read -r d; do
  s journal "${d##*/}" "$(cat "$d/state" 2>/dev/null)"
  cat "$d/journal.json"
done
s end
