"""Stands where Moonraker would: hands its port on to the stand-in that runs in the test's process."""

import socket
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


with socket.create_server(("127.0.0.1", 7125)) as server:
    while True:
        client, _ = server.accept()
        try:
            with open("/run/share/moonraker-port") as file:
                upstream = socket.create_connection(("10.0.2.2", int(file.read())))
        except (OSError, ValueError):
            client.close()
            continue
        for pair in ((client, upstream), (upstream, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()
