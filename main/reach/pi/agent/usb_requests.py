"""Part of the agent: lists of USB transfers, each after the whole reply to the one before."""

import time


def same(expected, data):
    """Whether an answer has the bytes that it must have: pairs of an offset and a value."""
    return all(offset < len(data) and data[offset] == value for offset, value in expected)


class UsbRequests:
    """A list of transfers, each started after the whole answer to the one before; ends at the first that is not as said."""

    def __init__(self, device, requests, data, reply):
        self.device = device
        self.requests = requests
        self.data = data
        self.reply = reply
        self.at = 0
        self.taken = 0
        self.answers = []
        self.received = bytearray()
        self.repeats = 0
        self.until = 0

    def next(self):
        if self.at == len(self.requests):
            self.tell()
            return
        request = self.requests[self.at]
        size = request["send"]
        data = self.data[self.taken : self.taken + size]
        try:
            self.device.submit(
                request["endpoint"], request["setup"], data, request["length"], request["timeout"], self.answered
            )
        except Refused as refusal:
            self.answered(refusal.name, 0, b"")
        except OSError as error:
            self.answered(error_name(error), 0, b"")

    def answered(self, name, actual, data):
        request = self.requests[self.at]
        self.answers.append([self.at, actual, len(data), name])
        self.received += data
        if name is not None or (request["send"] != actual if not request["length"] else not same(request["expect"], data)):
            again = request["again"]
            if name is None and again is not None and same(again["expect"], data) and len(self.received) < MAX_DATA:
                self.wait(again, data)
                return
            self.tell()
            return
        if request["full"] and actual != request["length"]:
            self.tell()
            return
        self.taken += request["send"]
        self.at += 1
        self.repeats = 0
        self.next()

    def wait(self, again, data):
        """The device is not done and says how long it wants to be left alone: a number at `waitAt` in ms."""
        now = time.monotonic()
        if self.repeats == 0:
            self.until = now + again["limit"]
        if now >= self.until:
            self.tell()
            return
        self.repeats += 1
        asked = int.from_bytes(data[again["waitAt"] : again["waitAt"] + again["waitBytes"]], "little")
        if asked > again["limit"] * 1000:
            self.tell()
            return
        pause = asked or min(2 ** min(self.repeats - 1, 9), 500)
        self.device.agent.loop.after(pause / 1000, self.next)

    def tell(self):
        is_complete = self.at == len(self.requests)
        self.reply.done(bytes(self.received), answers=self.answers, complete=is_complete)
