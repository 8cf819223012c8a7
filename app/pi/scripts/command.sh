#!/bin/sh
# Runs a program unchanged, with the folders in its path where Debian keeps tools of the administrator.
echo canopus-started
R=$CANOPUS_ROOT; PATH="$PATH:$R/usr/local/sbin:$R/usr/sbin:$R/sbin"; export PATH
exec "$@"
