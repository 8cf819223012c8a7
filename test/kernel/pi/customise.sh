#!/bin/sh
# Makes a fresh Debian into the Pi of a printer: a user with sudo, Klipper and Moonraker as far as this station
# sees them, the agent of the tests. Arguments: the root's folder, ifupdown or networkd, folder of this script.
set -eu
root=$1 flavour=$2 here=$3

echo canopus-pi > "$root/etc/hostname"
printf '127.0.0.1 localhost canopus-pi\n' > "$root/etc/hosts"
printf '/dev/vda / ext4 defaults 0 1\nshare /run/share 9p trans=virtio,version=9p2000.L,msize=512000,cache=none 0 0\n' \
  > "$root/etc/fstab"
printf 'vhci_hcd\ncan_raw\n' > "$root/etc/modules-load.d/canopus.conf"
rm -f "$root"/etc/machine-id "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
# Nobody logs in on a console, nothing is updated, no time is spent on random numbers for many host keys.
chroot "$root" ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n' > "$root/etc/ssh/sshd_config.d/canopus.conf"
for unit in getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer \
  e2scrub_all.timer fstrim.timer dpkg-db-backup.timer e2scrub_reap.service systemd-pstore.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

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
