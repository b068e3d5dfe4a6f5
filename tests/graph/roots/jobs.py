import asyncio
import atexit
import logging
import signal
import sys
import threading
import weakref

log = logging.getLogger(__name__)


class Job:
    def __init__(self, kind):
        self.kind = kind
        self.manager = None
        self.buffer = bytearray(10)
        self.thread = threading.Thread(target=self.run, args=(self.buffer,), daemon=True)

    def start(self):
        self.thread.start()
        atexit.register(self.close)
        weakref.finalize(self, print, self.kind)
        signal.signal(signal.SIGTERM, lambda number, frame: self.close())

    def run(self, data):
        return data

    def close(self):
        atexit.unregister(self.close)


class Beat(threading.Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.job.run(None)


class Memory(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


@atexit.register
def flush():
    log.info("bye")


def begin(job):
    Beat(job).start()
    timer = threading.Timer(5, job.close)
    timer.start()
    threading.Timer(9, flush).start()
    timer.cancel()
    log.addHandler(Memory())
    sys.excepthook = job.run


async def loop_forever(job):
    loop = asyncio.get_running_loop()
    loop.call_later(1, job.run, job)
    task = asyncio.create_task(tick(job))
    loop.add_signal_handler(signal.SIGINT, job.close)
    await task


async def tick(job):
    await asyncio.sleep(job.kind)


def stop(handler):
    log.removeHandler(handler)


def late(loop, job):
    loop.call_soon(job.close)


async def main():
    await loop_forever(Job("a"))
    begin(Job("b"))
    late(asyncio.get_event_loop(), Job("c"))
