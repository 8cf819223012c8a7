"""Part of the agent: requests as they arrive, checked."""

import subprocess
import threading


def read_transfer(header, data):
    setup = header["setup"]
    if setup is not None:
        setup = [number(dict(enumerate(setup)), index, 0, most) for index, most in enumerate((255, 255, 65535, 65535))]
    return {
        "endpoint": number(header, "endpoint", 0, 255),
        "setup": setup,
        "length": number(header, "length", 0, 65535),
        "timeout": number(header, "timeoutMs", 1, 600_000) / 1000,
    }


def read_pairs(pairs):
    if len(pairs) > 64 or not all(type(value) is int and 0 <= value < 1 << 16 for pair in pairs for value in pair):
        raise ValueError("not pairs of an offset and a value")
    return [(offset, value) for offset, value in pairs]


def read_usb_request(each):
    again = each.get("again")
    return dict(
        read_transfer(each, b""),
        send=number(each, "send", 0, MAX_DATA),
        expect=read_pairs(each.get("expect", [])),
        full=each.get("full") is True,
        again=None
        if again is None
        else {
            "expect": read_pairs(again["expect"]),
            "waitAt": number(again, "waitAt", 0, 64),
            "waitBytes": number(again, "waitBytes", 0, 4),
            "limit": number(again, "limitMs", 1, 600_000) / 1000,
        },
    )


def read_byte_request(each):
    begins = bytes.fromhex(text(each, "begins", r"(?:[0-9a-f]{2}){0,4096}"))
    return {
        "send": number(each, "send", 1, MAX_DATA),
        "begins": begins,
        "length": number(each, "length", max(1, len(begins)), 65536),
        "timeout": number(each, "timeoutMs", 1, 600_000) / 1000,
    }


def read_list(header, data, read):
    every = header["requests"]
    if not isinstance(every, list) or not 1 <= len(every) <= MAX_REQUESTS:
        raise ValueError("not a list of requests")
    requests = [read(each) for each in every]
    if sum(each["send"] for each in requests) != len(data) or sum(each["length"] for each in requests) > MAX_DATA:
        raise ValueError("the data of the requests does not fit")
    return requests


def read_unit(header):
    return text(header, "unit", r"[A-Za-z0-9@_.-]{1,100}\.service")


class Units:
    """systemd's units, one order at a time: a stop that is under way never overtakes the start at the end."""

    turn = threading.Lock()
    is_over = False


def systemctl(action, unit, is_last=False):
    with Units.turn:
        Units.is_over = Units.is_over or is_last
        if Units.is_over and not is_last:
            raise Refused("closed")
        done = subprocess.run(
            ["systemctl", action, unit],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=AT_END_S,
            check=False,
        )
    if done.returncode != 0:
        raise Refused("systemctl", done.stdout.decode("utf-8", "replace").strip()[-300:])


def read_work(header):
    """Starts a unit again, as the last thing that is done with units."""
    unit = read_unit(header)
    return lambda: systemctl("start", unit, is_last=True)
