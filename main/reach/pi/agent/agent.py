"""Part of the agent: the conversation with the station, from the first message to the clean-up."""

import collections
import ctypes
import errno
import itertools
import json
import os
import selectors
import signal
import struct
import sys
import threading
import time
import traceback


class Agent:
    def __init__(self, roots):
        self.loop = Loop()
        self.roots = roots
        self.scanner = Scanner(roots)
        self.scanning = threading.Lock()
        self.hints = None
        self.frames = Frames()
        self.waiting = bytearray()
        self.links = {}
        self.count = itertools.count(1)
        self.transfers = {}
        self.at_end = collections.OrderedDict()
        self.silence_s = 30.0
        self.heard_at = time.monotonic()
        self.is_full = False
        self.signalled = None

    def run(self):
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(each, self.on_signal)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.set_wakeup_fd(self.loop.wake_write)
        for fd in (0, 1):
            os.set_blocking(fd, False)
        self.loop.watch(0, selectors.EVENT_READ, self.read)
        self.loop.after(1, self.check_silence)
        self.send({"on": "ready", "version": 1, "python": list(sys.version_info[:3]), "uid": os.getuid()})
        exit_code = 0
        try:
            while self.signalled is None:
                self.loop.turn()
        except (Ended, BadMessage):
            pass
        except Exception:  # A mistake in this program must not leave a device claimed or Klipper stopped.
            traceback.print_exc()
            exit_code = 1
        self.clean_up(exit_code)

    def on_signal(self, number_of_signal, _frame):
        self.signalled = number_of_signal

    def check_silence(self):
        if time.monotonic() - self.heard_at > self.silence_s:
            raise Ended()
        self.loop.after(min(1, self.silence_s / 4), self.check_silence)

    def read(self, _mask):
        try:
            data = os.read(0, 1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            raise Ended() from error
        if not data:
            raise Ended()
        self.heard_at = time.monotonic()
        for header, payload in self.frames.push(data):
            self.take(header, payload)

    def send(self, header, data=b""):
        text_of_header = json.dumps(header, separators=(",", ":")).encode()
        self.waiting += FRAME.pack(MAGIC, len(text_of_header), len(data)) + text_of_header + data
        self.flush()

    def flush(self, _mask=None):
        while self.waiting:
            try:
                taken = os.write(1, memoryview(self.waiting)[: 1 << 16])
            except BlockingIOError:
                break
            except OSError as error:
                raise Ended() from error
            del self.waiting[:taken]
        self.watch_output()
        is_full = len(self.waiting) > MAX_WAITING
        if is_full != self.is_full:
            self.is_full = is_full
            for link in self.links.values():
                if hasattr(link, "pause"):
                    link.pause(is_full)

    def watch_output(self):
        self.loop.watch(1, selectors.EVENT_WRITE if self.waiting else 0, self.flush)

    def take(self, header, data):
        reply = Reply(self, header["id"])
        verb = self.verbs.get(header["do"])
        try:
            if verb is None:
                raise Refused("bad-request", f"there is no {header['do'][:40]}")
            verb(self, header, data, reply)
        except (Refused, OSError, KeyError, TypeError, ValueError, IndexError, OverflowError, struct.error) as error:
            reply.failed(error)

    def clean_up(self, exit_code):
        closing = []
        for link in list(self.links.values()):
            try:
                link.end()
            except (Ended, OSError):
                pass
            closing.append(threading.Thread(target=link.release, daemon=True))
            closing[-1].start()
        until = time.monotonic() + CLOSE_S
        for thread in closing:
            thread.join(max(0, until - time.monotonic()))
        for work in self.at_end.values():
            try:
                work()
            except Exception as error:
                print(f"canopus: {error}", file=sys.stderr)
        sys.stderr.flush()
        os._exit(exit_code)

    def keep(self, make):
        if len(self.links) >= MAX_LINKS:
            raise Refused("EMFILE", "too many open devices")
        number_of_link = next(self.count)
        self.links[number_of_link] = link = make(number_of_link)
        return link

    def link(self, header, kind):
        link = self.links.get(header["link"])
        if not isinstance(link, kind):
            raise Refused("closed", "there is no such link")
        link.check()
        return link

    # Each of these is a verb: what a request may ask for.

    def ping(self, _header, _data, reply):
        reply.done()

    def hello(self, header, _data, reply):
        self.silence_s = number(header, "silenceMs", 100, 600_000) / 1000
        reply.done()

    def scan(self, header, _data, reply):
        settle = header.get("settle") is True
        if self.hints is not None:
            self.hints.is_told = False
            self.hints.cover()

        def work():
            with self.scanning:
                return self.scanner.scan(settle)

        self.loop.aside(work, lambda result, error: reply.failed(error) if error else reply.done(**result))

    def watch(self, _header, _data, reply):
        if self.hints is None:
            self.hints = Hints(self, self.roots)
        reply.done()

    def usb_open(self, header, _data, reply):
        port = text(header, "port", PORT.pattern)
        device = self.keep(lambda link: UsbDevice(self, link, port, self.roots))
        descriptor, configuration = device.descriptors
        reply.done(descriptor + configuration, link=device.link)

    def usb_claim(self, header, _data, reply):
        device, interface = self.link(header, UsbDevice), number(header, "interface", 0, 255)
        self.beside(device, lambda: device.claim(interface), reply)

    def usb_set_alt(self, header, _data, reply):
        device = self.link(header, UsbDevice)
        setting = AltSetting(number(header, "interface", 0, 255), number(header, "setting", 0, 255))
        self.beside(device, lambda: ioctl(device.fd, SETINTERFACE, setting), reply)

    def usb_clear_halt(self, header, _data, reply):
        device, endpoint = self.link(header, UsbDevice), ctypes.c_uint(number(header, "endpoint", 0, 255))
        self.beside(device, lambda: ioctl(device.fd, CLEAR_HALT, endpoint), reply)

    def usb_reset(self, header, _data, reply):
        device = self.link(header, UsbDevice)
        self.beside(device, lambda: ioctl(device.fd, RESET), reply)

    def beside(self, device, work, reply):
        def then(_result, error):
            if error is None:
                reply.done()
            elif isinstance(error, OSError) and error.errno == errno.ENODEV:
                reply.fail("gone")
            else:
                reply.failed(error)

        self.loop.aside(work, then)

    def usb_transfer(self, header, data, reply):
        device = self.link(header, UsbDevice)
        request = read_transfer(header, data)
        key = header["id"]

        def then(name, actual, received):
            self.transfers.pop(key, None)
            if name is None:
                reply.done(received, actual=actual)
            else:
                reply.fail(name, "", received, actual=actual)

        transfer = device.submit(
            request["endpoint"], request["setup"], data, request["length"], request["timeout"], then
        )
        self.transfers[key] = (device, transfer)

    def usb_cancel(self, header, _data, reply):
        device, transfer = self.transfers.get(header["transfer"], (None, None))
        if device is not None:
            device.stop(transfer, "cancelled")
        reply.done()

    def usb_requests(self, header, data, reply):
        device = self.link(header, UsbDevice)
        requests = read_list(header, data, read_usb_request)
        UsbRequests(device, requests, data, reply).next()

    def serial_open(self, header, _data, reply):
        path, baud = text(header, "tty", r"/dev/[A-Za-z0-9._/:+-]{1,200}"), number(header, "baud", 50, 4_000_000)
        port = self.keep(lambda link: SerialPort(self, link, path, baud))
        reply.done(link=port.link)

    def uart_open(self, header, _data, reply):
        """A port that a microcontroller is wired to, by its name, and only if nothing else uses it."""
        name, baud = text(header, "name", UART), number(header, "baud", 50, 4_000_000)
        require_free(self.roots, name)
        port = self.keep(lambda link: SerialPort(self, link, os.path.join(self.roots.dev, name), baud))
        reply.done(link=port.link)

    def uart_names(self, header, _data, reply):
        reply.done(names=uart_names(self.roots, text(header, "name", UART)))

    def serial_touch(self, header, _data, reply):
        path = text(header, "tty", r"/dev/[A-Za-z0-9._/:+-]{1,200}")
        self.loop.aside(lambda: touch_1200(path), lambda _result, error: reply.failed(error) if error else reply.done())

    def serial_write(self, header, data, reply):
        self.link(header, SerialPort).queue(data, reply)

    def serial_requests(self, header, data, reply):
        port = self.link(header, SerialPort)
        requests = read_list(header, data, read_byte_request)
        window, refill = number(header, "window", 1, 64), number(header, "refill", 1, 64)
        port.run(ByteRequests(port, requests, data, window, refill, reply))

    def can_open(self, header, _data, reply):
        name = text(header, "interface", r"[A-Za-z0-9_.-]{1,15}")
        ids = header["ids"]
        if ids is not None and not all(type(each) is int and 0 <= each < 1 << 32 for each in ids[:512]):
            raise ValueError("ids are not valid")
        interface = self.keep(lambda link: CanSocket(self, link, name, ids and ids[:512]))
        reply.done(link=interface.link, port=port_of_interface(self.roots, name))

    def can_send(self, header, data, reply):
        if not data or len(data) % CAN_FRAME.size:
            raise ValueError("not whole frames")
        self.link(header, CanSocket).queue(data, reply)

    def close(self, header, _data, reply):
        link = self.links.pop(header["link"], None)
        if link is None:
            reply.done()
            return
        link.end()
        self.loop.aside(link.release, lambda _result, _error: reply.done())

    def at_end_do(self, header, _data, reply):
        """Work for the end of this program, however it comes; the same key again replaces it."""
        self.at_end[text(header, "key", r"[ -~]{1,100}")] = read_work(header)
        reply.done()

    def unit_stop(self, header, _data, reply):
        self.systemctl("stop", header, reply)

    def unit_start(self, header, _data, reply):
        self.systemctl("start", header, reply)

    def systemctl(self, action, header, reply):
        unit = read_unit(header)
        self.loop.aside(
            lambda: systemctl(action, unit), lambda _result, error: reply.failed(error) if error else reply.done()
        )

    def at_end_forget(self, header, _data, reply):
        self.at_end.pop(header["key"], None)
        reply.done()

    verbs = {
        "ping": ping,
        "hello": hello,
        "scan": scan,
        "watch": watch,
        "usb.open": usb_open,
        "usb.claim": usb_claim,
        "usb.set-alt": usb_set_alt,
        "usb.clear-halt": usb_clear_halt,
        "usb.reset": usb_reset,
        "usb.transfer": usb_transfer,
        "usb.cancel": usb_cancel,
        "usb.requests": usb_requests,
        "serial.open": serial_open,
        "serial.touch": serial_touch,
        "uart.open": uart_open,
        "uart.names": uart_names,
        "serial.write": serial_write,
        "serial.requests": serial_requests,
        "can.open": can_open,
        "can.send": can_send,
        "close": close,
        "unit.stop": unit_stop,
        "unit.start": unit_start,
        "at-end.do": at_end_do,
        "at-end.forget": at_end_forget,
    }


if __name__ == "__main__":
    Agent(Roots(*sys.argv[3:6])).run()
