"""Part of the agent: USB devices through usbfs (linux/usbdevice_fs.h)."""

import ctypes
import errno
import os
import selectors
import struct


class Urb(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_ubyte),
        ("endpoint", ctypes.c_ubyte),
        ("status", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("buffer", ctypes.c_void_p),
        ("buffer_length", ctypes.c_int),
        ("actual_length", ctypes.c_int),
        ("start_frame", ctypes.c_int),
        ("number_of_packets", ctypes.c_int),
        ("error_count", ctypes.c_int),
        ("signr", ctypes.c_uint),
        ("usercontext", ctypes.c_void_p),
    ]


class DriverName(ctypes.Structure):
    _fields_ = [("interface", ctypes.c_uint), ("driver", ctypes.c_char * 256)]


class AltSetting(ctypes.Structure):
    _fields_ = [("interface", ctypes.c_uint), ("altsetting", ctypes.c_uint)]


class DriverOrder(ctypes.Structure):
    _fields_ = [("ifno", ctypes.c_int), ("ioctl_code", ctypes.c_int), ("data", ctypes.c_void_p)]


def order(direction, code, size):
    """As <asm-generic/ioctl.h>, which x86 and ARM use: 1 writes to the kernel, 2 reads from it."""
    return direction << 30 | size << 16 | ord("U") << 8 | code


POINTER = ctypes.sizeof(ctypes.c_void_p)
SETINTERFACE = order(2, 4, ctypes.sizeof(AltSetting))
GETDRIVER = order(1, 8, ctypes.sizeof(DriverName))
SUBMITURB = order(2, 10, ctypes.sizeof(Urb))
DISCARDURB = order(0, 11, 0)
REAPURBNDELAY = order(1, 13, POINTER)
CLAIMINTERFACE = order(2, 15, 4)
RELEASEINTERFACE = order(2, 16, 4)
DRIVER_ORDER = order(3, 18, ctypes.sizeof(DriverOrder))
RESET = order(0, 20, 0)
CLEAR_HALT = order(2, 21, 4)
DISCONNECT = order(0, 22, 0)
CONNECT = order(0, 23, 0)

CONTROL, BULK = 2, 3
SETUP = struct.Struct("<BBHHH")
DIRECTION_IN = 0x80


def ioctl(fd, code, argument=None):
    result = libc.ioctl(fd, ctypes.c_ulong(code), argument if argument is None else ctypes.byref(argument))
    if result < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return result


class Transfer:
    def __init__(self, urb, buffer, then, is_control, is_in):
        self.urb = urb
        self.buffer = buffer
        self.then = then
        self.skipped = SETUP.size if is_control else 0
        self.is_in = is_in
        self.timer = None
        self.why = None

    @property
    def data(self):
        if not self.is_in:
            return b""
        return self.buffer.raw[self.skipped : self.skipped + self.urb.actual_length]


class UsbDevice:
    """An open device of usbfs. `then(name, actual, data)` of a transfer gets None or the name of what went wrong."""

    def __init__(self, agent, link, port, roots):
        self.agent = agent
        self.link = link
        self.folder = os.path.join(roots.sys, "bus/usb/devices", port)
        self.port = port
        bus, device = attribute(self.folder, "busnum"), attribute(self.folder, "devnum")
        if not bus or not device:
            raise Refused("missing", f"nothing is plugged into {port}")
        self.device_number = device
        self.node = os.path.join(roots.dev, "bus/usb", bus.zfill(3), device.zfill(3))
        self.fd = os.open(self.node, os.O_RDWR)
        self.transfers = {}
        self.claimed = []
        self.driven = None
        self.is_gone = False
        self.is_closed = False
        try:
            self.descriptors = self.read_descriptors()
            agent.loop.watch(self.fd, selectors.EVENT_WRITE, self.reap)
        except BaseException:
            os.close(self.fd)
            raise

    def read_descriptors(self):
        """The device's own bytes: its descriptor, and that of the active configuration."""
        every = b""
        while len(every) < 1 << 16:
            piece = os.pread(self.fd, 4096, len(every))
            if not piece:
                break
            every += piece
        active = int(attribute(self.folder, "bConfigurationValue") or "0")
        at = 18
        while at + 9 <= len(every):
            length = every[at + 2] | every[at + 3] << 8
            if every[at + 5] == active:
                return every[:18], every[at : at + length]
            at += max(9, length)
        raise Refused("no-configuration", "the device has no active configuration")

    def check(self):
        if self.is_closed:
            raise Refused("closed")
        if self.is_gone:
            raise Refused("gone")

    def submit(self, endpoint, setup, data, length, timeout_s, then):
        """`setup` is None for a bulk transfer. Raises OSError or Refused if it cannot be started."""
        self.check()
        is_in = bool((setup[0] if setup is not None else endpoint) & DIRECTION_IN)
        payload = b"" if is_in else data
        size = length if is_in else len(payload)
        if setup is not None:
            payload = SETUP.pack(setup[0], setup[1], setup[2], setup[3], size) + payload
            size += SETUP.size
        buffer = ctypes.create_string_buffer(payload, max(size, 1))
        urb = Urb(type=BULK if setup is None else CONTROL, endpoint=endpoint, buffer_length=size)
        urb.buffer = ctypes.addressof(buffer)
        address = ctypes.addressof(urb)
        transfer = Transfer(urb, buffer, then, setup is not None, is_in)
        try:
            ioctl(self.fd, SUBMITURB, urb)
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ESHUTDOWN):
                self.lose()
                raise Refused("gone") from error
            raise
        self.transfers[address] = transfer
        transfer.timer = self.agent.loop.after(timeout_s, lambda: self.stop(transfer, "timeout"))
        return transfer

    def stop(self, transfer, why):
        if transfer.why is None and ctypes.addressof(transfer.urb) in self.transfers:
            transfer.why = why
            self.discard(transfer)

    def discard(self, transfer):
        try:
            ioctl(self.fd, DISCARDURB, transfer.urb)
        except OSError:
            pass  # It has just completed, or the device is gone.

    def next_completed(self):
        """The next completed transfer; None if there is none."""
        pointer = ctypes.c_void_p()
        try:
            ioctl(self.fd, REAPURBNDELAY, pointer)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                raise
            return None
        return self.transfers.pop(pointer.value)

    def reap(self, _mask=None):
        while not self.is_closed and not self.is_gone:
            try:
                transfer = self.next_completed()
            except OSError:
                self.lose()
                return
            if transfer is None:
                return
            self.finish(transfer)

    def lose(self):
        """The device is gone. The kernel still owns the memory of what was on its way, until `release` takes it back."""
        if self.is_gone or self.is_closed:
            return
        self.is_gone = True
        self.agent.loop.watch(self.fd, 0, None)
        self.fail_all("gone")

    def fail_all(self, name):
        for transfer in list(self.transfers.values()):
            self.agent.loop.cancel(transfer.timer)
            transfer.then(name, 0, b"")

    def finish(self, transfer):
        self.agent.loop.cancel(transfer.timer)
        status, actual, data = -transfer.urb.status, transfer.urb.actual_length, transfer.data
        endpoint = transfer.urb.endpoint
        if status == 0:
            transfer.then(None, actual, data)
        elif status in (errno.ENOENT, errno.ECONNRESET):
            transfer.then(transfer.why or "cancelled", actual, data)
        elif status in (errno.ENODEV, errno.ESHUTDOWN):
            transfer.then("gone", actual, data)
            self.lose()
        elif status == errno.EPIPE and transfer.skipped == 0:
            # A bulk pipe stays halted until the halt is cleared (USB 2.0, 9.4.5).
            clear = ctypes.c_uint(endpoint)
            self.agent.loop.aside(
                lambda: ioctl(self.fd, CLEAR_HALT, clear), lambda _result, _error: transfer.then("stall", actual, data)
            )
        elif status == errno.EPIPE:
            transfer.then("stall", actual, data)
        elif status == errno.EOVERFLOW:
            transfer.then("overflow", actual, data)
        else:
            # A pulled cable first shows as a failed transfer; the hub reports the removal some time later.
            name = errno.errorcode.get(status, str(status))

            def tell():
                if self.is_gone or attribute(self.folder, "devnum") != self.device_number:
                    transfer.then("gone", actual, data)
                    self.lose()
                else:
                    transfer.then(name, actual, data)

            self.agent.loop.after(UNPLUG_NOTICE_S, tell)

    def interfaces(self):
        names = [name for name in entries(self.folder) if ":" in name]
        return [int(value, 16) for name in names for value in [attribute(self.folder, name, "bInterfaceNumber")] if value]

    def has_driver(self, interface):
        name = DriverName(interface=interface)
        try:
            ioctl(self.fd, GETDRIVER, name)
        except OSError as error:
            if error.errno == errno.ENODATA:
                return False
            raise
        return name.driver != b"usbfs"

    def driver(self, interface, code):
        ioctl(self.fd, DRIVER_ORDER, DriverOrder(ifno=interface, ioctl_code=code))

    def claim(self, interface):
        """Detaches the kernel's driver. cdc_acm loses both of its interfaces at once, so all are noted first."""
        if self.driven is None:
            self.driven = [each for each in self.interfaces() if self.has_driver(each)]
        if self.has_driver(interface):
            self.driver(interface, DISCONNECT)
        ioctl(self.fd, CLAIMINTERFACE, ctypes.c_uint(interface))
        self.claimed.append(interface)

    def end(self):
        """Nothing is reported from here on; `release` does the rest, in any thread."""
        self.is_closed = True
        if not self.is_gone:
            self.agent.loop.watch(self.fd, 0, None)
            self.fail_all("closed")

    def release(self):
        for transfer in list(self.transfers.values()):
            self.discard(transfer)
        try:
            while self.next_completed() is not None:
                pass
        except (OSError, KeyError):
            pass  # The device is gone.
        for interface in self.claimed:
            self.quietly(lambda interface=interface: ioctl(self.fd, RELEASEINTERFACE, ctypes.c_uint(interface)))
        for interface in self.driven or []:
            # The second interface of cdc_acm comes back together with the first.
            self.quietly(lambda interface=interface: self.driver(interface, CONNECT))
        os.close(self.fd)

    @staticmethod
    def quietly(work):
        try:
            work()
        except OSError:
            pass
