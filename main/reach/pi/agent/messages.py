"""The station's hand on a Pi: opens USB devices, serial ports and CAN interfaces there as if they were plugged in here.

Sent over standard input and never written to a disk. It ends with its input, on SIGTERM, SIGHUP or SIGINT, on a message
that it cannot read, and when it has heard nothing for `silenceMs`. However it ends, it closes what it opened, gives
interfaces back to the kernel's drivers and then does what it was told to do at the end. Python 3.7 and its own library.

A message, both ways: | "CnA1" | header length, u32 LE | data length, u32 LE | header, JSON in UTF-8 | data |. A request
has `id` and `do`; its reply has the same `id`, and `error` with a name if it failed. Other messages to the station have
`on`. Bytes that belong to a message are its data.

Sources of facts: linux/usbdevice_fs.h, asm-generic/ioctls.h and termbits.h (tty_ioctl(4): TCSETS2), can(7), netlink(7).
"""

import ctypes
import errno
import json
import re
import struct

MAGIC = b"CnA1"
FRAME = struct.Struct("<4sII")
MAX_HEADER = 1 << 18
MAX_DATA = 1 << 20
MAX_LINKS = 64
MAX_REQUESTS = 4096
# Above this, nothing more is read from devices until the station has taken what waits for it.
MAX_WAITING = 4 << 20
# How long closing everything may take; the shell around this program kills it 2 s after SIGTERM.
CLOSE_S = 1.5
AT_END_S = 60
UNPLUG_NOTICE_S = 0.3

libc = ctypes.CDLL(None, use_errno=True)


class BadMessage(Exception):
    """What arrived is no message: the rest cannot be read either."""


class Ended(Exception):
    """It is time to clean up and go."""


class Refused(Exception):
    """A request that failed, by the name that the station knows."""

    def __init__(self, name, text=""):
        super().__init__(text or name)
        self.name = name


class Frames:
    """Bytes to messages, however they are cut."""

    def __init__(self):
        self.buffer = bytearray()

    def push(self, data):
        self.buffer += data
        messages = []
        while len(self.buffer) >= FRAME.size:
            magic, header_length, data_length = FRAME.unpack_from(self.buffer)
            if magic != MAGIC or header_length > MAX_HEADER or data_length > MAX_DATA:
                raise BadMessage("not a message")
            start = FRAME.size + header_length
            if len(self.buffer) < start + data_length:
                break
            messages.append(
                (read_header(bytes(self.buffer[FRAME.size : start])), bytes(self.buffer[start : start + data_length]))
            )
            del self.buffer[: start + data_length]
        return messages


def read_header(text):
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadMessage("the header is no JSON") from error
    if not isinstance(header, dict) or type(header.get("id")) is not int or not isinstance(header.get("do"), str):
        raise BadMessage("the header is no request")
    return header


def number(header, name, least, most):
    value = header[name]
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}")
    return value


def text(header, name, pattern):
    value = header[name]
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise ValueError(f"{name} is not valid")
    return value


def error_name(error):
    return errno.errorcode.get(error.errno, str(error.errno))
