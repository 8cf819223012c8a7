"""Part of the agent: serial ports, at any bit rate (tty_ioctl(4): TCSETS2)."""

import collections
import errno
import fcntl
import os
import struct
import termios

TERMIOS2 = struct.Struct("4IB19s2I")
TCGETS2 = 2 << 30 | TERMIOS2.size << 16 | ord("T") << 8 | 0x2A
TCSETS2 = 1 << 30 | TERMIOS2.size << 16 | ord("T") << 8 | 0x2B
BOTHER = 0o010000
CBAUD, CIBAUD = 0o010017, 0o002003600000
TIOCM_DTR, TIOCM_RTS = 2, 4


def set_lines(fd, code, lines):
    try:
        fcntl.ioctl(fd, code, struct.pack("I", lines))
    except OSError:
        pass  # A pseudo-terminal has no modem lines.


def open_tty(path, baud):
    """Raw, 8N1, no flow control, any bit rate; locked as pyserial locks, so that it is never shared with Klipper."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        if not os.isatty(fd):
            raise Refused("ENOTTY", f"{path} is no serial port")
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("EBUSY", f"{path} is in use") from error
        fcntl.ioctl(fd, termios.TIOCEXCL)
        _, _, control, _, line, characters, _, _ = TERMIOS2.unpack(fcntl.ioctl(fd, TCGETS2, bytes(TERMIOS2.size)))
        cleared = CBAUD | CIBAUD | termios.CSIZE | termios.PARENB | termios.CSTOPB | termios.CRTSCTS
        control = control & ~cleared | BOTHER | termios.CS8 | termios.CREAD | termios.CLOCAL
        cc = bytearray(characters)
        cc[termios.VMIN], cc[termios.VTIME] = 1, 0
        fcntl.ioctl(fd, TCSETS2, TERMIOS2.pack(0, 0, control, 0, line, bytes(cc), baud, baud))
    except BaseException:
        os.close(fd)
        raise
    return fd


class ByteRequests:
    """
    A list of messages to a device whose answers come in order. At most `window` are on their way, and at least `refill`
    are sent together while others are; `window` 1: each after the whole answer to the one before. It ends at the first
    answer that does not begin as said, at silence, and at bytes that belong to no request.
    """

    def __init__(self, port, requests, data, window, refill, reply):
        self.port = port
        self.requests = requests
        self.data = data
        self.window = window
        self.refill = refill
        self.reply = reply
        self.sent = self.done = self.taken = 0
        self.received = bytearray()
        self.start = 0
        self.timer = None

    def begin(self):
        self.fill()

    def fill(self):
        until = min(len(self.requests), self.done + self.window)
        room = until - self.sent
        if room > 0 and (self.sent == self.done or room >= self.refill):
            length = sum(each["send"] for each in self.requests[self.sent : until])
            self.port.queue(self.data[self.taken : self.taken + length], None)
            self.taken += length
            self.sent = until
        if self.timer is None and self.done < self.sent:
            self.timer = self.port.agent.loop.after(self.requests[self.done]["timeout"], lambda: self.tell("silence"))

    def take(self, data):
        self.received += data
        while self.done < self.sent:
            request = self.requests[self.done]
            begin = bytes(self.received[self.start : self.start + len(request["begins"])])
            if begin != request["begins"][: len(begin)]:
                return self.tell("other")
            if len(self.received) - self.start < request["length"]:
                break
            self.start += request["length"]
            self.done += 1
            self.port.agent.loop.cancel(self.timer)
            self.timer = None
        if self.done == self.sent and len(self.received) > self.start:
            return self.tell("other")
        if self.done == len(self.requests):
            return self.tell(None)
        return self.fill()

    def tell(self, why):
        self.port.agent.loop.cancel(self.timer)
        self.reply.done(bytes(self.received), sent=self.sent, complete=self.done, why=why)
        self.port.requests_ended(self, why is None)


class SerialPort(Channel):
    """An open tty: what it receives is told at once, what is written is acknowledged when its driver has it."""

    def __init__(self, agent, link, path, baud):
        super().__init__(agent, link)
        self.fd = open_tty(path, baud)
        set_lines(self.fd, termios.TIOCMBIS, TIOCM_DTR | TIOCM_RTS)
        self.batches = collections.deque()
        self.arm()

    def queue(self, data, reply):
        self.waiting.append([memoryview(data), reply])
        self.write()
        self.arm()

    def run(self, batch):
        self.batches.append(batch)
        if len(self.batches) == 1:
            batch.begin()

    def requests_ended(self, batch, is_complete):
        if not self.batches or self.batches[0] is not batch:
            return
        self.batches.popleft()
        if not is_complete:
            waiting, self.batches = list(self.batches), collections.deque()
            for each in waiting:
                each.reply.done(sent=0, complete=0, why="not-begun")
        elif self.batches:
            self.batches[0].begin()

    def read(self):
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            return self.fail("gone" if error.errno in (errno.EIO, errno.ENODEV, errno.ENXIO) else error_name(error))
        if not data:
            return self.fail("gone")
        if self.batches:
            return self.batches[0].take(data)
        return self.agent.send({"on": "bytes", "link": self.link}, data)

    def write(self):
        while self.waiting:
            data, reply = self.waiting[0]
            try:
                taken = os.write(self.fd, data)
            except BlockingIOError:
                return
            except OSError as error:
                self.fail("gone" if error.errno in (errno.EIO, errno.ENODEV, errno.ENXIO) else error_name(error))
                return
            if taken < len(data):
                self.waiting[0][0] = data[taken:]
                continue
            self.waiting.popleft()
            if reply is not None:
                reply.done()

    def drop(self, name):
        waiting, self.waiting = self.waiting, collections.deque()
        for _, reply in waiting:
            if reply is not None:
                reply.fail(name)
        batches, self.batches = list(self.batches), collections.deque()
        for batch in batches:
            batch.tell(name)

    def release(self):
        try:
            # Without unsent bytes the driver need not wait for a device that accepts none.
            termios.tcflush(self.fd, termios.TCIOFLUSH)
        except (OSError, termios.error):
            pass
        os.close(self.fd)


def touch_1200(path):
    """Opens at 1200 baud with DTR, drops DTR and closes: asks Klipper's USB serial firmware for its bootloader."""
    fd = open_tty(path, 1200)
    try:
        set_lines(fd, termios.TIOCMBIS, TIOCM_DTR | TIOCM_RTS)
        set_lines(fd, termios.TIOCMBIC, TIOCM_DTR)
    finally:
        os.close(fd)
