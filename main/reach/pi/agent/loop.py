"""Part of the agent: what it waits for, and how it replies."""

import collections
import heapq
import itertools
import os
import selectors
import threading
import time


class Loop:
    """File descriptors, timers and work of other threads, one at a time."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.count = itertools.count()
        self.posted = collections.deque()
        self.wake_read, self.wake_write = os.pipe()
        for end in (self.wake_read, self.wake_write):
            os.set_blocking(end, False)
        self.selector.register(self.wake_read, selectors.EVENT_READ, self.woken)

    def wake(self):
        try:
            os.write(self.wake_write, b"\0")
        except BlockingIOError:
            pass  # It is full: the loop wakes anyway.

    def woken(self, _mask):
        try:
            os.read(self.wake_read, 4096)
        except BlockingIOError:
            pass

    def watch(self, fd, events, callback):
        """Replaces what was watched on the descriptor; no events end it."""
        known = fd in self.selector.get_map()
        if events == 0:
            if known:
                self.selector.unregister(fd)
        elif known:
            self.selector.modify(fd, events, callback)
        else:
            self.selector.register(fd, events, callback)

    def after(self, seconds, callback):
        timer = [time.monotonic() + seconds, next(self.count), callback]
        heapq.heappush(self.timers, timer)
        return timer

    @staticmethod
    def cancel(timer):
        if timer is not None:
            timer[2] = None

    def aside(self, work, then):
        """Does blocking work in a thread, then calls `then(result, error)` here."""

        def run():
            result = error = None
            try:
                result = work()
            except Exception as caught:
                error = caught
            self.posted.append((then, result, error))
            self.wake()

        threading.Thread(target=run, daemon=True).start()

    def turn(self):
        while self.timers and self.timers[0][2] is None:
            heapq.heappop(self.timers)
        wait = None if not self.timers else max(0, self.timers[0][0] - time.monotonic())
        for key, mask in self.selector.select(wait):
            # An earlier callback may have closed it.
            if self.selector.get_map().get(key.fd) is key or self.is_watched(key):
                key.data(mask)
        while self.posted:
            then, result, error = self.posted.popleft()
            then(result, error)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            callback = heapq.heappop(self.timers)[2]
            if callback is not None:
                callback()

    def is_watched(self, key):
        known = self.selector.get_map().get(key.fd)
        return known is not None and known.data == key.data


class Channel:
    """An open descriptor: read as it receives, written as it takes. Kinds of it have read, write, drop and release."""

    def __init__(self, agent, link):
        self.agent = agent
        self.link = link
        self.fd = -1
        self.waiting = collections.deque()
        self.failure = None
        self.is_closed = False
        self.is_paused = False

    def arm(self):
        if self.failure is not None or self.is_closed:
            return
        events = 0 if self.is_paused else selectors.EVENT_READ
        self.agent.loop.watch(self.fd, events | (selectors.EVENT_WRITE if self.waiting else 0), self.ready)

    def pause(self, is_paused):
        self.is_paused = is_paused
        self.arm()

    def check(self):
        if self.is_closed:
            raise Refused("closed")
        if self.failure is not None:
            raise Refused(self.failure)

    def ready(self, mask):
        if mask & selectors.EVENT_READ and not self.is_paused:
            self.read()
        if mask & selectors.EVENT_WRITE and self.failure is None and not self.is_closed:
            self.write()
            self.arm()

    def fail(self, name):
        if self.failure is not None or self.is_closed:
            return
        self.failure = name
        self.agent.loop.watch(self.fd, 0, None)
        self.drop(name)
        self.agent.send({"on": "failed", "link": self.link, "error": name})

    def end(self):
        self.is_closed = True
        if self.failure is None:
            self.agent.loop.watch(self.fd, 0, None)
        self.drop("closed")


class Reply:
    """The reply to one request; only the first counts."""

    def __init__(self, agent, request):
        self.agent = agent
        self.request = request
        self.is_sent = False

    def done(self, data=b"", **fields):
        if self.is_sent:
            return
        self.is_sent = True
        self.agent.send(dict(fields, id=self.request), data)

    def fail(self, name, words="", data=b"", **fields):
        self.done(data, error=name, text=words, **fields)

    def failed(self, error):
        if isinstance(error, Refused):
            self.fail(error.name, str(error))
        elif isinstance(error, OSError):
            self.fail(error_name(error), error.strerror or "")
        else:
            self.fail("bad-request", f"{type(error).__name__}: {error}")
