#!/bin/sh
# After dpkg has removed or replaced the files; $1 says which. electron-builder fills in the name.
# shellcheck disable=SC2016,SC2154
set -e
case "$1" in
  remove | purge)
    [ ! -L '/usr/bin/${executable}' ] || rm -f '/usr/bin/${executable}'
    rm -f '/etc/apparmor.d/${executable}'
    if command -v udevadm >/dev/null 2>&1; then
      udevadm control --reload >/dev/null 2>&1 || true
    fi
    ;;
esac
