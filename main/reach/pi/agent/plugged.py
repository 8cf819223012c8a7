"""Part of the agent: what is plugged in, and hints that it changed (sysfs, netlink(7), inotify(7))."""

import os
import re
import selectors
import socket
import struct


class Roots:
    """Where Linux shows its devices; other folders in tests."""

    def __init__(self, sys_root="/sys", dev="/dev", udev="/run/udev"):
        self.sys, self.dev, self.udev = sys_root, dev, udev


def entries(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def attribute(*path):
    """An attribute without its line end; None if it does not exist (any more). May wait for the kernel."""
    try:
        with open(os.path.join(*path), "rb") as file:
            value = file.read(4096).decode("utf-8", "replace")
    except OSError:
        return None
    return value[:-1] if value.endswith("\n") else value


PORT = re.compile(r"\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}")


class Scanner:
    """USB devices from sysfs, which needs no permission and opens nothing."""

    def __init__(self, roots):
        self.roots = roots
        self.given = set()
        self.identities = {}

    def scan(self, settle):
        home = os.path.join(self.roots.sys, "bus/usb/devices")
        devices = []
        unsettled = False
        arrivals = set()
        for port in entries(home):
            if PORT.fullmatch(port) is None:
                continue
            arrival, device, is_unsettled = self.look(os.path.join(home, port), port, settle)
            if arrival is not None:
                arrivals.add(arrival)
            unsettled = unsettled or is_unsettled
            if device is not None:
                devices.append(device)
        self.given &= arrivals
        self.identities = {key: value for key, value in self.identities.items() if key in arrivals}
        return {"devices": devices, "unsettled": unsettled}

    def look(self, folder, port, settle):
        bus, number_on_bus = attribute(folder, "busnum"), attribute(folder, "devnum")
        if not bus or not number_on_bus:
            return None, None, False
        arrival = f"{bus}:{number_on_bus}"
        identity = self.identities.get(arrival) or read_identity(folder)
        if identity is None:
            return None, None, False
        self.identities[arrival] = identity
        if identity["isHub"]:
            return arrival, None, False
        if settle:
            self.given.add(arrival)
        wait = arrival not in self.given
        node = self.node(os.path.join("bus/usb", bus.zfill(3), number_on_bus.zfill(3)), folder, wait)
        # The kernel removes the node first, then the rest: without a node the device is going away.
        if node == "absent":
            return arrival, None, False
        if node == "pending":
            return arrival, None, True
        tty, access = self.serial_port(folder, wait)
        device = dict(identity, portPath=port, arrival=arrival, tty=tty, node=node, access=node if tty is None else access)
        return arrival, device, access == "pending"

    def serial_port(self, folder, wait):
        """The path of the first serial port below a device and what may be done with it; `pending` while it is set up."""
        for name in entries(folder):
            if ":" not in name:
                continue
            # cdc_acm: INTERFACE/tty/ttyACM0. USB to serial converters: INTERFACE/ttyUSB0/tty/ttyUSB0.
            below = entries(os.path.join(folder, name))
            parent = "" if "tty" in below else next((each for each in below if each.startswith("ttyUSB")), None)
            if parent is None:
                continue
            home = os.path.join(folder, name, parent, "tty")
            ports = entries(home)
            if not ports:
                continue
            state = self.node(ports[0], os.path.join(home, ports[0]), wait)
            if state in ("absent", "pending"):
                return None, "pending"
            return os.path.join(self.roots.dev, ports[0]), state
        return None, None

    def node(self, name, folder, wait):
        node = os.path.join(self.roots.dev, name)
        if os.access(node, os.R_OK | os.W_OK):
            return "ok"
        if not os.path.exists(node):
            return "absent"
        return "pending" if wait and self.udev_is_at_work(folder) else "refused"

    def udev_is_at_work(self, folder):
        """udevd runs and has not handled the device yet: its permissions are still the kernel's own."""
        number_of_node = attribute(folder, "dev")
        if number_of_node is None or not os.path.exists(os.path.join(self.roots.udev, "control")):
            return False
        return not os.path.exists(os.path.join(self.roots.udev, "data", f"c{number_of_node}"))


def read_identity(folder):
    names = ("idVendor", "idProduct", "bcdDevice", "bDeviceClass")
    vendor, product, release, device_class = (attribute(folder, name) for name in names)
    if not vendor or not product or not release or not device_class:
        return None
    # Reading this waits in the kernel until it has configured the device, so its interfaces exist afterwards.
    attribute(folder, "bConfigurationValue")
    interfaces = [name for name in entries(folder) if re.search(r":\d+\.\d+$", name)]
    interfaces.sort(key=lambda name: int(name[name.rindex(".") + 1 :]))
    parts = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    return {
        "vendorId": int(vendor, 16),
        "productId": int(product, 16),
        "bcdDevice": int(release, 16),
        "manufacturer": attribute(folder, "manufacturer"),
        "product": attribute(folder, "product"),
        "serialNumber": attribute(folder, "serial"),
        "interfaces": ["/".join(attribute(folder, name, part) or "" for part in parts) for name in interfaces],
        "isHub": device_class == "09",
    }


NETLINK_KOBJECT_UEVENT = 15
KERNEL_AND_UDEV = 1 | 2
IN_NONBLOCK = 0o4000
IN_CHANGES = 0x4 | 0x100 | 0x200  # attributes, create, delete


class Hints:
    """Tells that a new scan could find something else: the kernel's and udevd's own events, and changes of device nodes."""

    def __init__(self, agent, roots):
        self.agent = agent
        self.roots = roots
        self.is_told = False
        self.watched = {}
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_KOBJECT_UEVENT)
        try:
            self.netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.netlink.bind((0, KERNEL_AND_UDEV))
            self.netlink.setblocking(False)
            agent.loop.watch(self.netlink.fileno(), selectors.EVENT_READ, self.heard)
        except OSError:
            self.netlink.close()  # In a container without it, the nodes have to do.
        self.inotify = libc.inotify_init1(IN_NONBLOCK)
        if self.inotify >= 0:
            agent.loop.watch(self.inotify, selectors.EVENT_READ, self.changed)
        self.cover()

    def cover(self):
        """Buses come and go, and the next device may appear on an empty one: every scan watches all of them."""
        usb = os.path.join(self.roots.dev, "bus/usb")
        folders = [self.roots.dev, os.path.join(self.roots.dev, "bus"), usb]
        for folder in folders + [os.path.join(usb, bus) for bus in entries(usb)]:
            if self.inotify >= 0 and folder not in self.watched.values():
                number_of_watch = libc.inotify_add_watch(self.inotify, os.fsencode(folder), IN_CHANGES)
                if number_of_watch >= 0:
                    self.watched[number_of_watch] = folder

    def heard(self, _mask):
        is_news = False
        for _ in range(256):
            try:
                event = self.netlink.recv(1 << 16)
            except BlockingIOError:
                break
            except OSError:
                is_news = True  # Some were lost.
                continue
            is_news = is_news or b"SUBSYSTEM=usb" in event or b"SUBSYSTEM=tty" in event
        if is_news:
            self.tell()

    def changed(self, _mask):
        try:
            events = os.read(self.inotify, 1 << 16)
        except BlockingIOError:
            return
        at = 0
        is_news = False
        while at + 16 <= len(events):
            watch, mask, _, length = struct.unpack_from("iIII", events, at)
            name = events[at + 16 : at + 16 + length].rstrip(b"\0")
            at += 16 + length
            if mask & 0x8000:
                self.watched.pop(watch, None)  # The folder itself is gone.
            is_device = self.watched.get(watch) != self.roots.dev or re.match(rb"bus$|ttyACM|ttyUSB", name)
            # A write to a serial port also changes its node.
            is_news = is_news or bool(is_device and (mask & 0x300 or not name.startswith(b"tty")))
        if is_news:
            self.tell()

    def tell(self):
        if not self.is_told:
            self.is_told = True
            self.agent.send({"on": "hint"})
