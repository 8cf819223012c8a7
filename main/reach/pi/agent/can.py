"""Part of the agent: CAN interfaces through raw sockets (can(7))."""

import collections
import errno
import os
import socket
import struct

CAN_FRAME = struct.Struct("=IB3x8s")
CAN_EXTENDED, CAN_REMOTE = 0x80000000, 0x40000000
CAN_RAW_ERR_FILTER = 2
# linux/can/error.h: reports of the controller's state, bus-off, and the restart after it.
CAN_ERROR_CLASSES = 0x4 | 0x40 | 0x100


IFF_UP = 1


def require_up(roots, name):
    flags = attribute(roots.sys, "class/net", name, "flags")
    if flags is None:
        raise Refused("missing", f"there is no interface {name}")
    if not int(flags, 16) & IFF_UP:
        raise Refused("down", f"{name} is down")


def port_of_interface(roots, name):
    """The USB port of the adapter behind an interface: its device is INTERFACE of a USB device; None for others."""
    port = os.path.basename(os.path.realpath(os.path.join(roots.sys, "class/net", name, "device"))).partition(":")[0]
    return port if PORT.fullmatch(port) else None


class CanSocket(Channel):
    """A raw socket on one CAN interface; it receives only frames with one of `ids`, or all, and reports of errors."""

    def __init__(self, agent, link, name, ids):
        super().__init__(agent, link)
        require_up(agent.roots, name)
        self.socket = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
        self.fd = self.socket.fileno()
        try:
            if ids is not None:
                rules = [struct.pack("=II", each, CAN_EXTENDED | CAN_REMOTE | (each & CAN_EXTENDED or 0x7FF)) for each in ids]
                self.socket.setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FILTER, b"".join(rules))
            self.socket.setsockopt(socket.SOL_CAN_RAW, CAN_RAW_ERR_FILTER, struct.pack("=I", CAN_ERROR_CLASSES))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.socket.bind((name,))
            self.socket.setblocking(False)
        except BaseException:
            self.socket.close()
            raise
        self.arm()

    def queue(self, frames, reply):
        self.waiting.append([frames, 0, reply])
        self.write()
        self.arm()

    def read(self):
        frames = []
        while len(frames) < 1024:
            try:
                frame = self.socket.recv(CAN_FRAME.size)
            except BlockingIOError:
                break
            except OSError as error:
                self.fail("gone" if error.errno in (errno.ENODEV, errno.ENETDOWN) else error_name(error))
                break
            if not CAN_FRAME.unpack(frame)[0] & CAN_REMOTE:
                frames.append(frame)
        if frames:
            self.agent.send({"on": "frames", "link": self.link}, b"".join(frames))

    def write(self):
        while self.waiting:
            frames, at, reply = self.waiting[0]
            try:
                self.socket.send(frames[at : at + CAN_FRAME.size])
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    # The queue of the interface is full; there is no event for the room in it.
                    self.agent.loop.after(0.005, self.write)
                    return
                self.fail("gone" if error.errno in (errno.ENODEV, errno.ENXIO, errno.ENETDOWN) else error_name(error))
                return
            at += CAN_FRAME.size
            self.waiting[0][1] = at
            if at >= len(frames):
                self.waiting.popleft()
                reply.done()

    def drop(self, name):
        waiting, self.waiting = self.waiting, collections.deque()
        for _, _, reply in waiting:
            reply.fail(name)

    def release(self):
        self.socket.close()
