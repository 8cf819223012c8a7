#!/bin/sh
# Makes a fresh Debian into the Pi of a printer: a user with sudo, Klipper and Moonraker as far as this station
# sees them, the agent of the tests. Arguments: the root's folder, ifupdown or networkd, folder of this script.
set -eu
root=$1 flavour=$2 here=$3

echo canopus-pi > "$root/etc/hostname"
printf '127.0.0.1 localhost canopus-pi\n' > "$root/etc/hosts"
printf '/dev/vda / ext4 defaults 0 0\nshare /run/share 9p trans=virtio,version=9p2000.L,msize=512000,cache=none 0 0\n' \
  > "$root/etc/fstab"
rm -f "$root"/etc/machine-id "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
# Time is spent on one host key only.
chroot "$root" ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n' > "$root/etc/ssh/sshd_config.d/canopus.conf"

# An emulated processor starts each of these for seconds. Nobody logs in on a console, nothing is updated, no log is
# kept, and what is set up at the first boot is set up here.
for unit in getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer \
  e2scrub_all.timer fstrim.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer e2scrub_reap.service \
  systemd-pstore.service systemd-logind.service systemd-journal-flush.service systemd-random-seed.service \
  systemd-sysusers.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  systemd-network-generator.service systemd-ask-password-wall.path systemd-ask-password-console.path \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount modprobe@drm.service modprobe@fuse.service \
  modprobe@dm_mod.service modprobe@configfs.service modprobe@loop.service modprobe@efi_pstore.service \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  sys-fs-fuse-connections.mount; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system/systemd-udev-trigger.service.d"
printf '[Journal]\nStorage=volatile\nAudit=no\n' > "$root/etc/systemd/journald.conf.d/canopus.conf"
# What is plugged in later is seen as everywhere; what is built in needs no rules here but for the network.
printf '[Service]\nExecStart=\nExecStart=udevadm trigger --action=add --subsystem-match=net\n' \
  > "$root/etc/systemd/system/systemd-udev-trigger.service.d/canopus.conf"

chroot "$root" useradd --create-home --shell /bin/bash --groups sudo pi
printf 'pi:raspberry\n' | chroot "$root" chpasswd

home=$root/home/pi
mkdir -p "$home/klipper/klippy" "$home/klipper/scripts" "$home/moonraker" "$home/printer_data/config" \
  "$home/printer_data/comms"
cp "$here/klippy.py" "$home/klipper/klippy/klippy.py"
cp "$here/moonraker.py" "$home/moonraker/moonraker.py"
printf '[server]\nhost: 127.0.0.1\nport: 7125\n' > "$home/printer_data/config/moonraker.conf"
cat > "$home/printer_data/config/printer.cfg" <<'CONFIG'
# A printer, as it was before its board became a bridge.
[include board/*.cfg]

[printer]
kinematics: corexy
max_velocity: 300

#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
#*#
#*# [extruder]
#*# control = pid
CONFIG
mkdir "$home/printer_data/config/board"
printf '[mcu]\r\nserial: /dev/serial/by-id/usb-Klipper_stm32f446xx_430014000A50534E4E313120-if00 ; USB\r\nrestart_method: command\r\n' \
  > "$home/printer_data/config/board/octopus.cfg"
# sudo leaves it in the home of an administrator who used it once.
: > "$home/.sudo_as_admin_successful"
chroot "$root" chown -R pi:pi /home/pi

cat > "$root/etc/systemd/system/klipper.service" <<'UNIT'
[Service]
User=pi
ExecStart=/usr/bin/python3 /home/pi/klipper/klippy/klippy.py /home/pi/printer_data/config/printer.cfg -a /home/pi/printer_data/comms/klippy.sock
[Install]
WantedBy=multi-user.target
UNIT
cat > "$root/etc/systemd/system/moonraker.service" <<'UNIT'
[Unit]
RequiresMountsFor=/run/share
[Service]
User=pi
ExecStart=/usr/bin/python3 /home/pi/moonraker/moonraker.py -d /home/pi/printer_data
[Install]
WantedBy=multi-user.target
UNIT
cp "$here/../guest/agent.py" "$root/usr/local/lib/canopus-agent.py"
cat > "$root/etc/systemd/system/canopus-agent.service" <<'UNIT'
[Unit]
RequiresMountsFor=/run/share
# Up means that a login and the network work.
After=ssh.service network.target networking.service systemd-networkd.service klipper.service moonraker.service
[Service]
ExecStart=/usr/bin/python3 -IS /usr/local/lib/canopus-agent.py
StandardError=tty
TTYPath=/dev/ttyS0
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl enable --quiet klipper.service moonraker.service canopus-agent.service

case $flavour in
  ifupdown)
    chroot "$root" systemctl disable --quiet systemd-networkd.service systemd-networkd-wait-online.service || true
    printf 'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n    address 10.0.2.15/24\n    gateway 10.0.2.2\n' \
      > "$root/etc/network/interfaces"
    ;;
  networkd)
    chroot "$root" dpkg --purge ifupdown > /dev/null
    rm -rf "$root/etc/network"
    printf '[Match]\nName=eth0\n\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n' \
      > "$root/etc/systemd/network/10-eth0.network"
    chroot "$root" systemctl enable --quiet systemd-networkd.service
    ;;
esac

# What boots here is not newer than what was booted before: else each boot would rebuild the hardware database, the
# linker's cache and the message catalogue.
touch -d "@$(($(stat -c %Y "$root/usr") + 60))" "$root/etc/.updated" "$root/var/.updated"
