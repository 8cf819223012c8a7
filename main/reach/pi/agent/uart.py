"""Part of the agent: serial ports that a microcontroller is wired to, and what else may use them."""

import os
import re

UART = r"tty[A-Za-z]{1,8}\d{1,3}|serial\d"
LINKS = ("", "serial/by-id", "serial/by-path")


def uart_names(roots, name):
    """Every path of a port that a configuration may have: itself, and the links to it."""
    real = os.path.realpath(os.path.join(roots.dev, name))
    names = {real}
    for folder in LINKS:
        home = os.path.join(roots.dev, folder)
        for each in entries(home):
            path = os.path.join(home, each)
            if os.path.islink(path) and os.path.realpath(path) == real:
                names.add(path)
    return sorted(names)


def require_free(roots, name):
    """Refuses a port that is missing, a console of the system, or open in another process that may be looked into."""
    path = os.path.join(roots.dev, name)
    if not os.path.exists(path):
        raise Refused("missing", f"there is no {path}")
    real = os.path.realpath(path)
    tty = os.path.basename(real)
    if tty in (attribute(roots.sys, "class/tty/console/active") or "").split():
        raise Refused("console", f"the kernel's console is on {tty}")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        words = (attribute("/proc", pid, "cmdline") or "").split("\0")
        if "getty" in words[0] and any(re.fullmatch(rf"(/dev/)?{re.escape(tty)}", word) for word in words[1:]):
            raise Refused("console", f"a login console runs on {tty}: {words[0]}")
        folder = f"/proc/{pid}/fd"
        for fd in entries(folder):
            try:
                is_it = os.readlink(os.path.join(folder, fd)) == real
            except OSError:
                continue
            if is_it and int(pid) != os.getpid():
                raise Refused("used", f"{os.path.basename(words[0])} (process {pid}) has {tty} open")
