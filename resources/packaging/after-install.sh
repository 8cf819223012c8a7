#!/bin/sh
# After dpkg or rpm has put the files in place; it runs as root. electron-builder fills in the two names.
# shellcheck disable=SC2016,SC2154
set -e
app='/opt/${sanitizedProductName}'

# The window, and the command line.
ln -sf "$app/${executable}" '/usr/bin/${executable}'
ln -sf "$app/resources/bin/canopus" /usr/bin/canopus

# Chromium's sandbox: through user namespaces where this user may make them, else through the set-uid helper.
if unshare --user true 2>/dev/null; then mode=0755; else mode=4755; fi
chmod "$mode" "$app/chrome-sandbox" || true

# Ubuntu 24.04 and newer let only programs with a profile make user namespaces; older parsers refuse this profile.
profile="$app/resources/apparmor-profile"
if [ -d /etc/apparmor.d ] && apparmor_parser --skip-kernel-load "$profile" >/dev/null 2>&1; then
  cp "$profile" '/etc/apparmor.d/${executable}'
  apparmor_parser --replace '/etc/apparmor.d/${executable}' >/dev/null 2>&1 || true
fi

# The rule in /usr/lib/udev/rules.d gives the boards to the person at the computer, and to a group on a computer without a seat;
# also those that are plugged in already. Debian has the group, others may not.
if ! getent group plugdev >/dev/null 2>&1; then groupadd --system plugdev 2>/dev/null || true; fi
if command -v udevadm >/dev/null 2>&1; then
  udevadm control --reload >/dev/null 2>&1 || true
  udevadm trigger --subsystem-match=usb --subsystem-match=tty --action=change >/dev/null 2>&1 || true
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database /usr/share/applications || true
fi
