#!/bin/sh
# Second program in the guest, still process 1: a small system around the agent. When the agent ends, so does the guest.
export PATH=/srv/node:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8

# Under names that a user without rights reaches too, wherever this machine keeps them: also below /tmp or /run, which
# are hidden from here on.
mkdir -p /srv/canopus /srv/node "/lib/modules/$(uname -r)"
mount --bind "$CANOPUS_ROOT" /srv/canopus
mount --bind "$CANOPUS_NODE" /srv/node
mount --bind "$CANOPUS_MODULES" "/lib/modules/$(uname -r)"

mount -t sysfs sys /sys
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
mkdir -p /dev/pts /dev/shm /run/share /run/lock
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
# cache=none: what the host writes here while the guest runs is seen at once.
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /run/share

modprobe -a virtio_net vhci_hcd cdc_acm gs_usb can_raw vcan

ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2

/lib/systemd/systemd-udevd --daemon
# Only what the tests look at: the rest would load drivers for QEMU's display, disk and sound.
udevadm trigger --action=add --subsystem-match=usb --subsystem-match=tty --subsystem-match=net --subsystem-match=mem
udevadm settle

/usr/bin/python3 -IS /srv/canopus/test/kernel/guest/agent.py
echo o > /proc/sysrq-trigger
sleep 60
