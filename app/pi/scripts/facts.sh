#!/bin/sh
# Looks at a Pi and changes nothing. $1 nonce, $2 a printer.cfg to read besides, or empty. Prints a report for parseReport.
# One script, because each separate command costs a round trip. POSIX sh with coreutils, as every Debian has; what else
# it calls (ip, systemctl, git) may be missing. CANOPUS_ROOT stands before the paths of the system, for tests on a folder
# that looks like a Pi. Files are at most 4 MiB and go out as base64.
N=$1; R=$CANOPUS_ROOT
. ./file-parts.sh
PATH="$PATH:$R/usr/local/sbin:$R/usr/sbin:$R/sbin"; export PATH
has() { command -v "$1" >/dev/null 2>&1; }
# r FILE: its first line in v, without a separate process: on a small Pi each of those takes its time.
r() { v=; [ -r "$1" ] && IFS= read -r v < "$1"; } 2>/dev/null
s root "$R"
s user; id -u; id -un; id -Gn; printf '%s\n' "$HOME"
s host; uname -n; uname -r; uname -m
s os; cat "$R/etc/os-release" 2>/dev/null
s model; tr -d '\000' 2>/dev/null < "$R/proc/device-tree/model"
s boot-id; cat "$R/proc/sys/kernel/random/boot_id" 2>/dev/null

s clock; date +%s
s word-bits; getconf LONG_BIT 2>/dev/null
s boot-options; cat "$R/proc/cmdline" 2>/dev/null
s mounts; cat "$R/proc/mounts" 2>/dev/null
s room
for p in "$R/" "$R/tmp" "$HOME"; do
  [ -d "$p" ] || continue
  printf '%s\t%s\t%s\n' "$p" "$(df -Pk "$p" 2>/dev/null | awk 'NR == 2 { print $4 }')" \
    "$(df -Pi "$p" 2>/dev/null | awk 'NR == 2 { print $2 "\t" $4 }')"
done

s tools
for t in ip ifup ifdown ifquery networkctl nmcli udevadm systemctl sudo python3 git; do
  has $t && echo $t
done
# grep_units OPTIONS PATTERN, grep_starters OPTIONS PATTERN: the files of systemd's services, and of all else that starts
# something, in which the pattern is.
grep_units() {
  grep -lIs "$1" "$2" "$R"/etc/systemd/system/*.service "$R"/etc/systemd/system/*.service.d/*.conf \
    "$R"/run/systemd/system/*.service "$R"/usr/local/lib/systemd/system/*.service "$R"/usr/lib/systemd/system/*.service \
    "$R"/lib/systemd/system/*.service
}
grep_starters() {
  grep -lIs "$1" "$2" "$R"/etc/udev/rules.d/*.rules "$R"/run/udev/rules.d/*.rules "$R"/usr/local/lib/udev/rules.d/*.rules \
    "$R"/usr/lib/udev/rules.d/*.rules "$R"/lib/udev/rules.d/*.rules "$R/etc/rc.local" "$R"/etc/init.d/* \
    "$R"/etc/network/if-*.d/* "$R/etc/crontab" "$R"/etc/cron.*/* "$R"/etc/NetworkManager/dispatcher.d/* \
    "$R"/etc/NetworkManager/dispatcher.d/*.d/*
}
programs=$(grep -lIsE "$CAN" "$R"/usr/local/bin/* "$R"/usr/local/sbin/* "$R"/boot/scripts/* "$R"/boot/*.sh \
  "$R"/opt/*/*.sh "$R"/root/*.sh "$R"/root/scripts/*.sh "$R"/home/*/*.sh "$R"/home/*/scripts/*.sh)
unit_files=$(grep_units -E "$CAN")
starters=$(grep_starters -E "$CAN")
if [ -n "$programs" ]; then
  # What starts one of them need not name CAN itself.
  names=$(printf '%s\n' "$programs" | sed "s:^$R::")
  unit_files=$(printf '%s\n' "$unit_files"; grep_units -F "$names")
  starters=$(printf '%s\n' "$starters"; grep_starters -F "$names")
fi
for p in $unit_files; do unit_names "$p"; done
if has systemctl; then
  s systemd; systemctl --version 2>/dev/null | head -n 1
  s units
  # shellcheck disable=SC2086 # Names of units, which have no blanks.
  systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState $can_units \
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
  printf '%s\t%s\t%s' "${d##*/}" "${driver##*/}" "${device##*/}"
  # An ip without JSON says none of these.
  for p in ifindex flags tx_queue_len statistics/rx_packets statistics/tx_packets; do r "$d/$p"; printf '\t%s' "$v"; done
  echo
done
if has udevadm; then
  for d in "$R"/sys/class/net/*; do
    r "$d/type"; [ "$v" = 280 ] || continue
    s udev "${d##*/}"; udevadm info -q property -p "$d" 2>/dev/null
  done
fi
s usb
for d in "$R"/sys/bus/usb/devices/*; do
  [ -f "$d/idVendor" ] || continue
  r "$d/idVendor"; vendor=$v; r "$d/idProduct"; product=$v; r "$d/serial"; serial=$v; r "$d/product"; name=$v
  r "$d/manufacturer"
  printf '%s %s %s\t%s\t%s\t%s\n' "${d##*/}" "$vendor" "$product" "$serial" "$name" "$v"
done

# A folder that hides its files: an empty one would look the same.
for d in "$R/etc/systemd/network" "$R/etc/network" "$R/etc/network/interfaces.d" "$R/etc/udev/rules.d" "$R/etc/systemd/system"; do
  [ -d "$d" ] || continue
  { [ -r "$d" ] && [ -x "$d" ]; } || { s unread network not-readable; printf '%s\n%s\n' "$d" "$d"; }
done
s folders
for d in /etc/network/interfaces.d /etc/systemd/network /etc/udev/rules.d /etc/systemd/system; do
  [ -d "$R$d" ] && printf '%s\n' "$R$d"
done
for p in "$R"/etc/systemd/network/* "$R"/etc/systemd/network/*.d/*.conf "$R"/run/systemd/network/* \
  "$R"/run/systemd/network/*.d/*.conf "$R/boot/firmware/config.txt" "$R/boot/config.txt" "$R/boot/armbianEnv.txt" \
  "$R/boot/BoardEnv.txt" "$R/boot/orangepiEnv.txt" "$R/boot/dietpiEnv.txt"; do f network "$p"; done
# Packages bring some of these for other kinds of interfaces.
for d in "$R/usr/local/lib" "$R/usr/lib" "$R/lib"; do
  [ -d "$d/systemd/network" ] && [ ! -L "$d" ] || continue
  { grep -LsE '^[[:space:]]*(Type|Kind|WLANInterfaceType)[[:space:]]*=' "$d"/systemd/network/*.link "$d"/systemd/network/*.network
    grep -lsE "$CAN|=can|TransmitQueueLength" "$d"/systemd/network/*.link "$d"/systemd/network/*.network \
      "$d"/systemd/network/*.netdev "$d"/systemd/network/*.d/*.conf
  } | sort -u | while IFS= read -r p; do f network "$p"; done
done
i "$R/etc/network/interfaces"
for p in "$R"/etc/network/interfaces.d/*; do i "$p"; done
for p in "$R"/etc/udev/rules.d/* "$R"/etc/systemd/system/*.service "$R/etc/rc.local"; do
  [ -r "$p" ] || f network "$p"
done
{ printf '%s\n' "$unit_files" "$starters" "$programs"
} | sort -u | while IFS= read -r p; do [ -n "$p" ] && f network "$p"; done
# What starts those that nothing above names.
s crontab; crontab -l 2>/dev/null | grep -E "$CAN|\.sh"

# Which files Klipper and Moonraker use: what their processes say, then what their units would start, then the usual
# places. add LIST LINE: LINE at the end of the lines of LIST (main or confs), once.
main=$NL confs=$NL tree=''
add() {
  [ -n "$2" ] || return 0
  eval "case \$$1 in *\"\$NL\$2\$NL\"*) ;; *) $1=\$$1\$2\$NL ;; esac"
}
# take WORDS: adds the files that a command line names, a word on each line.
take() {
  case $NL$1 in
    *klippy.py* | *"${NL}klippy$NL"*)
      add main "$(printf '%s\n' "$1" | grep -E '^/.*\.cfg$' | head -n 1)"
      [ -n "$tree" ] || tree=$(printf '%s\n' "$1" | sed -n 's:^\(/.*\)/klippy/klippy\.py$:\1:p' | head -n 1) ;;
    *moonraker*)
      for p in $(printf '%s\n' "$1" | awk '
        flag == "-c" || flag == "--configfile" || flag == "MOONRAKER_CONFIG_PATH" { print }
        flag == "-d" || flag == "--datapath" || flag == "MOONRAKER_DATA_PATH" { print $0 "/config/moonraker.conf" }
        { flag = $0 }'); do add confs "$p"; done ;;
  esac
}
add main "$2"
IFS=$NL
# shellcheck disable=SC2046 # A line is a word: see IFS.
set -- $(grep -lsE 'klippy|moonraker' "$R"/proc/[0-9]*/cmdline)
for c; do
  d=${c%/cmdline}
  # Not this script, which names them, too; nor the search, which is over.
  [ "${d##*/}" != $$ ] && [ -r "$c" ] || continue
  words=$(tr '\000' '\n' < "$c")
  settings=$(tr '\000' '\n' 2>/dev/null < "$d/environ" | grep -E '^MOONRAKER_(DATA|CONFIG)_PATH=')
  s process "${d##*/}" "$(readlink "$d/cwd")"; printf '%s\n' "$words"
  s unit "${d##*/}"; grep -oE '[^/]+\.service' "$d/cgroup" 2>/dev/null | tail -n 1
  s settings "${d##*/}"; printf '%s\n' "$settings"
  case $words in *python*) take "$(printf '%s\n' "$words"; printf '%s\n' "$settings" | tr '=' '\n')" ;; esac
done
# shellcheck disable=SC2046
set -- $(grep -lsE 'klippy|KLIPP(ER|Y)_ARGS|moonraker|MOONRAKER_' "$R"/etc/systemd/system/*.service \
  "$R"/lib/systemd/system/*.service "$R"/usr/lib/systemd/system/*.service "$R"/etc/default/klipper* "$R"/etc/default/moonraker*)
for c; do
  s service "$c"; cat "$c" "$c".d/*.conf 2>/dev/null
  args=
  for p in $(cat "$c" "$c".d/*.conf 2>/dev/null | sed -n 's/^EnvironmentFile=-*//p' | tr -d '"'); do
    [ -r "$p" ] || continue
    # Other settings may be secret, and stay there.
    given=$(grep -E '^(KLIPP|MOONRAKER)[A-Z_]*=' "$p")
    s environment "$c"; printf '%s\n' "$given"
    args=$args$given$NL
  done
  take "$({ cat "$c" "$c".d/*.conf 2>/dev/null; printf '%s' "$args"; } | grep -v '^[#;]' | tr -s "\"' \t=" '\n')"
done
# Guesses where nothing says it: the first of these places that has any.
guess() {
  for m; do [ -f "$m" ] && add main "$m"; done
  return 0
}
seen=0
for m in $main; do [ -f "$m" ] && seen=1; done
[ $seen = 1 ] || guess "$HOME"/printer*_data/config/printer.cfg "$R"/home/*/printer*_data/config/printer.cfg \
  "$R"/usr/data/printer*_data/config/printer.cfg
for m in $main; do [ -f "$m" ] && seen=1; done
[ $seen = 1 ] || guess "$HOME/klipper_config/printer.cfg" "$HOME"/klipper_config/*/printer.cfg \
  "$R"/home/*/klipper_config/printer.cfg
for m in $main; do [ -f "$m" ] && seen=1; done
[ $seen = 1 ] || guess "$HOME/printer.cfg" "$R"/home/*/printer.cfg
for m in $main; do [ -f "${m%/*}/moonraker.conf" ] && add confs "${m%/*}/moonraker.conf"; done
s main; for m in $main; do printf '%s\n' "$m"; done
[ -n "$tree" ] || tree=$HOME/klipper

# Kalico's wildcards know "**", Klipper's do not. names GLOB: what it matches, a line each.
if [ -f "$tree/klippy/extras/danger_options.py" ]; then deep=yes; else deep=no; fi
names() {
  case $deep$1 in
    # Any number of folders, none too, and no hidden one.
    yes*/\*\*/*)
      # shellcheck disable=SC2086 # It may have its own wildcards.
      find -L ${1%%/\*\*/*}/. -name '.?*' -prune -o -type d -print 2>/dev/null | while IFS= read -r d; do
        IFS=; for p in $d/${1#*/\*\*/}; do printf '%s\n' "$p"; done
      done | sed 's:/\./:/:' ;;
    *) for p in $1; do printf '%s\n' "$p"; done ;;
  esac
}
# work_tree FOLDER: adds the git work tree that it lies in.
gits=$NL absent=$NL
work_tree() {
  d=$1
  while [ -n "$d" ] && [ ! -e "$d/.git" ]; do d=${d%/*}; done
  add gits "$d"
}
# c KIND PATH FILES: a configuration with everything that it includes. Paths stay as Klipper opens them, with their ".."
# and links; FILES are the real ones that lead here, because a file may include itself by many names.
told=$NL
c() {
  case $told in *"$NL$1 $2$NL"*) return 0 ;; esac
  told="$told$1 $2$NL"
  f "$1" "$2"
  [ -f "$2" ] && [ -r "$2" ] || return 0
  [ "$1" = moonraker ] || work_tree "${real%/*}"
  case $3 in *"$NL$real$NL"*) return 0 ;; esac
  # Kalico takes G-code from other files, "!!include FILE" anywhere in a line, and stops where one is not there.
  case $deep$1 in
    yesconfig)
      set -f
      # shellcheck disable=SC2013 # A line is a word: see IFS.
      for each in $(sed -e 's/#.*//' -e 's/\r$//' -n -e 's/.*!!include //p' -- "$2"); do
        case $each in /*) ;; *) each=${2%/*}/$each ;; esac
        [ -f "$each" ] || add absent "$each"
      done
      set +f ;;
  esac
  # Moonraker lets a header be indented, Klipper does not.
  case $1 in moonraker) indent='[[:space:]]*' ;; *) indent='' ;; esac
  set -f
  # shellcheck disable=SC2046
  set -- "$1" "$2" "${3:-$NL}$real$NL" $(tr '\r' '\n' < "$2" |
    sed -n -e 's/#.*//' -e 's/[[:space:]]*$//' -e "s/^$indent\\[include \\(.*\\)\\].*/\\1/p" | sed 's/^[[:space:]]*//')
  set +f
  while [ $# -gt 3 ]; do
    glob=$4 p=$2
    case $glob in /*) ;; *) glob=${p%/*}/$glob ;; esac
    each=$1 files=$3
    shift 4
    set -- "$each" "$p" "$files" "$@"
    set -f
    for each in $(set +f; names "$glob"); do set +f; c "$1" "$each" "$3"; done
    set +f
  done
}
for m in $main; do c config "$m" "$NL"; done
for m in $confs; do c moonraker "$m" "$NL"; done
s absent; for p in $absent; do printf '%s\n' "$p"; done
s git-trees; for p in $gits; do printf '%s\n' "$p"; done
s host-software; if [ $deep = yes ]; then echo kalico; else echo klipper; fi
unset IFS

# t NAME PATH: a source tree with its commit.
t() {
  [ -d "$2" ] || return 0
  s "$1" "$2"
  has git || return 0
  git -C "$2" rev-parse HEAD 2>/dev/null && git -C "$2" describe --always --tags --long 2>/dev/null
}
t klipper-tree "$tree"
if [ -d "$HOME/katapult" ]; then t katapult-tree "$HOME/katapult"; else t katapult-tree "$HOME/CanBoot"; fi
s python-can
for p in /usr/lib/python3/dist-packages/can /usr/lib/python3*/site-packages/can "$HOME"/klippy-env/lib/python3*/site-packages/can; do
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
