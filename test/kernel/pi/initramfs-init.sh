#!/bin/busybox sh
# shellcheck shell=dash
# First program in the virtual Pi: loads what its disk needs, mounts it, and hands over to the Debian on it.
b=/bin/busybox
$b mkdir -p /proc /dev /new
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/$module" || exit 1; done < /modules
$b mount -t ext4 /dev/vda /new || exit 1
$b umount /proc
$b mount --move /dev /new/dev
exec $b switch_root /new /sbin/init
