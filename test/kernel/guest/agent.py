"""The hand of the tests inside the guest.

Listens on TCP; one connection is one request. The first line is a JSON object with `token` and `op`; answers are
JSON lines, the last one has `done` or `failed`. When the host closes the connection early the request ends: a
command's whole process group is killed. Python's own library only.
"""

import base64
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

LISTEN_PORT = 7000
TOKEN_FILE = "/run/share/token"
VHCI = "/sys/devices/platform/vhci_hcd.0"
VHCI_PORT_FREE = 4  # VDEV_ST_NULL in the "sta" column of VHCI/status
NETLINK_KOBJECT_UEVENT = 15
UEVENT_GROUPS = 1 | 2  # 1: as the kernel sends them; 2: after udevd has run its rules
USBIP_VERSION = 0x0111
OP_REQ_IMPORT = 0x8003
OP_REP_IMPORT = 0x0003


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.reader = connection.makefile("r", encoding="utf-8")
        self.lock = threading.Lock()

    def send(self, **message):
        data = (json.dumps(message) + "\n").encode()
        with self.lock:
            try:
                self.connection.sendall(data)
            except OSError:
                pass  # the host has gone; its reader thread ends the request

    def receive(self):
        try:
            line = self.reader.readline()
        except (OSError, ValueError):
            return None
        return json.loads(line) if line else None

    def gone(self):
        """Has the host closed the connection? Only for requests to which the host sends nothing more."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)


def uevents():
    channel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_KOBJECT_UEVENT)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    channel.bind((0, UEVENT_GROUPS))
    return channel


def wait_until(client, condition):
    """Looks again after every device event. Some of sysfs changes just after its event, so also now and then."""
    with uevents() as channel:
        while not condition():
            readable, _, _ = select.select([channel, client.connection], [], [], 0.1)
            if client.connection in readable:
                raise InterruptedError("the host stopped waiting")
            if channel in readable:
                channel.recv(65536)


def run(client, request):
    user = request.get("user")
    process = subprocess.Popen(
        ["/bin/sh", "-c", request["command"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=request.get("cwd") or "/tmp",
        env={**os.environ, **(request.get("env") or {})},
        start_new_session=True,
        **({} if user is None else {"user": user, "group": user, "extra_groups": request.get("groups") or []}),
    )

    def pump(stream, name):
        while chunk := os.read(stream.fileno(), 65536):
            client.send(**{name: base64.b64encode(chunk).decode()})

    pumps = [
        threading.Thread(target=pump, args=(process.stdout, "stdout"), daemon=True),
        threading.Thread(target=pump, args=(process.stderr, "stderr"), daemon=True),
    ]

    def kill(number):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    def listen():
        while (message := client.receive()) is not None:
            if "signal" in message:
                kill(getattr(signal, message["signal"]))
            if "stdin" in message:
                process.stdin.write(base64.b64decode(message["stdin"]))
                process.stdin.flush()
            if message.get("stdinEnd"):
                process.stdin.close()
        kill(signal.SIGKILL)

    for thread in pumps:
        thread.start()
    threading.Thread(target=listen, daemon=True).start()
    code = process.wait()
    for thread in pumps:
        thread.join()
    client.send(done=True, exitCode=code if code >= 0 else 128 - code)


def until(client, request):
    def condition():
        return subprocess.run(["/bin/sh", "-c", request["command"]], stdout=subprocess.DEVNULL).returncode == 0

    wait_until(client, condition)
    client.send(done=True)


def vhci_state(slot):
    with open(VHCI + "/status") as file:
        for line in file.read().splitlines()[1:]:
            fields = line.split()
            if int(fields[1]) == slot:
                return int(fields[2])
    raise ValueError(f"vhci has no port {slot}")


def receive_exactly(channel, length):
    data = b""
    while len(data) < length:
        chunk = channel.recv(length - len(data))
        if not chunk:
            raise ConnectionError(f"USB/IP server closed after {len(data)} of {length} bytes")
        data += chunk
    return data


def attach(client, request):
    """Plugs an exported device into one fixed port of vhci: what `usbip attach` does, but that takes any port."""
    slot = request["slot"]
    # The kernel must have let the old device go, or the new one is taken for it and its transfers hang.
    wait_until(client, lambda: vhci_state(slot) == VHCI_PORT_FREE and not os.path.exists(vhci_device(slot)))
    with socket.create_connection((request["host"], request["port"])) as channel:
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        busid = request["busid"].encode().ljust(32, b"\0")
        channel.sendall(struct.pack(">HHI", USBIP_VERSION, OP_REQ_IMPORT, 0) + busid)
        _, code, status = struct.unpack(">HHI", receive_exactly(channel, 8))
        if code != OP_REP_IMPORT or status != 0:
            raise ConnectionError(f"USB/IP server refused {request['busid']}: code {code:#x}, status {status}")
        device = receive_exactly(channel, 312)
        busnum, devnum, speed = struct.unpack(">III", device[288:300])
        with open(VHCI + "/attach", "w") as file:
            file.write(f"{slot} {channel.fileno()} {busnum << 16 | devnum} {speed}")
    client.send(done=True)


def vhci_device(slot):
    return f"/sys/bus/usb/devices/1-{slot + 1}"


def detach(client, request):
    slot = request["slot"]
    if vhci_state(slot) != VHCI_PORT_FREE:
        try:
            with open(VHCI + "/detach", "w") as file:
                file.write(str(slot))
        except OSError:
            pass  # it went by itself just now
    wait_until(client, lambda: vhci_state(slot) == VHCI_PORT_FREE and not os.path.exists(vhci_device(slot)))
    client.send(done=True)


def watch(client, _request):
    """Streams every device event with the guest's CLOCK_MONOTONIC, which is node's performance clock as well."""
    with uevents() as channel:
        client.send(ready=True)
        while True:
            readable, _, _ = select.select([channel, client.connection], [], [])
            if client.connection in readable:
                return
            data = channel.recv(65536)
            source = "udev" if data.startswith(b"libudev\0") else "kernel"
            if source == "udev":
                (offset,) = struct.unpack_from("=I", data, 16)
                data = data[offset:]
            pairs = (entry.split("=", 1) for entry in data.decode(errors="replace").split("\0") if "=" in entry)
            client.send(source=source, monotonicMs=time.monotonic() * 1000, properties=dict(pairs))


def power_off(client, _request):
    client.send(done=True)
    os._exit(0)


OPERATIONS = {
    "run": run,
    "until": until,
    "attach": attach,
    "detach": detach,
    "watch": watch,
    "powerOff": power_off,
}


def serve(connection, token):
    with connection:
        client = Client(connection)
        request = client.receive()
        if request is None or request.get("token") != token:
            return
        try:
            OPERATIONS[request["op"]](client, request)
        except Exception as error:  # told to the host, which fails the test
            client.send(failed=f"{type(error).__name__}: {error}")


def main():
    with open(TOKEN_FILE) as file:
        token = file.read()
    with socket.create_server(("0.0.0.0", LISTEN_PORT), backlog=64) as server:
        print("agent: ready", file=sys.stderr, flush=True)
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(connection, token), daemon=True).start()


main()
