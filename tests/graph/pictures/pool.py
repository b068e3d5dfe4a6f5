"""A pool whose attributes are of every kind."""

import asyncio
import collections
import functools
import queue
import socket
import threading
import weakref
from dataclasses import dataclass, field

import attr


class Job:
    def __init__(self, pool, number):
        self.pool = weakref.ref(pool)
        self.number = number
        self.done = None

    def finish(self):
        if self.done is not None:
            self.done.set()
            self.done = None


class UrgentJob(Job):
    pass


class Base:
    limit = 3
    shared = []

    def __init__(self):
        self.jobs = {}
        self.names: list[str] = []
        self.peer = None

    def add(self, key, job):
        self.jobs[key] = job
        self.shared.append(self)

    def _teardown(self):
        self.peer = None
        self.names.clear()

    def rename(self, name):
        self.names.append(name)
        if len(self.names) > self.limit:
            del self.names[0]


class Pool(Base):
    def __init__(self, owner, options=None):
        super().__init__()
        self.owner = weakref.proxy(owner)
        self.groups = collections.defaultdict(set)
        self.recent = collections.deque(maxlen=9)
        self.backlog = queue.Queue()
        self.tasks = set()
        self.children = weakref.WeakSet()
        self.lock = threading.Lock()
        self.options = options or {}
        self.callback = self.on_job
        self.later = functools.partial(print, self)
        self.sock = None
        self.thread = threading.Thread(target=self.run)
        self.label = f"pool of {owner}"
        self.count = 0

    def on_job(self, job):
        with self.lock:
            self.count += 1
            self.recent.append(job)
        self.backlog.put(job)

    def group(self, key, job):
        members = self.groups[key]
        members.add(job)
        return self.groups

    def leave(self, key, job):
        self.groups[key].discard(job)

    def submit(self, key):
        task = asyncio.ensure_future(self.work(key))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        self.jobs[key] = UrgentJob(self, key)

    async def work(self, key):
        jobs = self.jobs
        jobs.pop(key, None)

    def connect(self, address):
        self.sock = socket.socket()
        self.sock.connect(address)

    def run(self):
        while True:
            job = self.backlog.get()
            job.finish()

    def take(self):
        taken, self.jobs = self.jobs, {}
        return taken

    @property
    def current(self):
        return self.jobs

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None
        for job in self.jobs.values():
            job.close()
        self.thread.join(5)
        self._teardown()


@dataclass
class Record:
    parts: list = field(default_factory=list)
    first: Job = None

    def grow(self, part):
        self.parts.append(part)


@attr.s
class Desk:
    papers = attr.ib(default=attr.Factory(dict), init=False)
    drawers = attr.ib(attr.Factory(list))
    owner = attr.ib(default=None)

    def put(self, name, paper):
        self.papers[name] = paper


POOL = Pool(None)
URGENT = [UrgentJob(POOL, 1)]
