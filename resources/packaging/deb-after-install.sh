#!/bin/sh
# After dpkg has put the files in place; it runs as root. electron-builder fills in the two names.
# shellcheck disable=SC2016,SC2154
set -e
app='/opt/${sanitizedProductName}'

ln -sf "$app/${executable}" '/usr/bin/${executable}'

# Chromium's sandbox: through user namespaces where this user may make them, else through the set-uid helper.
if unshare --user true 2>/dev/null; then mode=0755; else mode=4755; fi
chmod "$mode" "$app/chrome-sandbox" || true

# Ubuntu 24.04 and newer let only programs with a profile make user namespaces; older parsers refuse this profile.
profile="$app/resources/apparmor-profile"
if [ -d /etc/apparmor.d ] && apparmor_parser --skip-kernel-load "$profile" >/dev/null 2>&1; then
  cp "$profile" '/etc/apparmor.d/${executable}'
  apparmor_parser --replace '/etc/apparmor.d/${executable}' >/dev/null 2>&1 || true
fi

# The rule in /usr/lib/udev/rules.d gives the person at the computer the boards; also those plugged in already.
if command -v udevadm >/dev/null 2>&1; then
  udevadm control --reload >/dev/null 2>&1 || true
  udevadm trigger --subsystem-match=usb --subsystem-match=tty --action=change >/dev/null 2>&1 || true
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database /usr/share/applications || true
fi
