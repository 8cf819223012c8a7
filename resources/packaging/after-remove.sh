#!/bin/sh
# After dpkg or rpm has removed or replaced the files; $1 says which: dpkg with a word, rpm with the number of versions
# that stay. electron-builder fills in the name.
# shellcheck disable=SC2016,SC2154
set -e
case "$1" in
  remove | purge | 0)
    for link in '/usr/bin/${executable}' /usr/bin/canopus; do
      [ ! -L "$link" ] || rm -f "$link"
    done
    rm -f '/etc/apparmor.d/${executable}'
    if command -v udevadm >/dev/null 2>&1; then
      udevadm control --reload >/dev/null 2>&1 || true
    fi
    ;;
esac
