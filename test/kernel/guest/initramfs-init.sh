#!/bin/busybox sh
# shellcheck shell=dash
# First program in the guest: makes the host's root the guest's root, read-only below a tmpfs, and goes on with
# the script named by CANOPUS_START on the kernel's command line (the kernel hands it over in the environment).
b=/bin/busybox
$b mkdir -p /proc /dev /host /layer /new
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/$module" || exit 1; done < /modules
# cache=loose: the host's files do not change under the guest, and node opens thousands of them.
$b mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host || exit 1
$b mount -t tmpfs layer /layer
$b mkdir /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /new || exit 1
$b mount --move /proc /new/proc
$b mount --move /dev /new/dev
exec $b switch_root /new /bin/sh "$CANOPUS_START"
