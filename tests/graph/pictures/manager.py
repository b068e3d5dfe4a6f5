"""Code that works on the attributes of other classes."""

import pool
from pool import Pool


class Manager:
    def __init__(self, first: Pool):
        self.first = first
        self.pools = {}

    def open(self, name):
        self.pools[name] = Pool(self)

    def drop(self, name):
        self.first.jobs.pop(name)
        self.first.current.clear()
        old = self.pools[name]
        old.options = None

    def forget(self, thing):
        thing.pools.pop(1)


def reset(target: Pool):
    target.peer = Manager(target)
    target.backlog.queue.clear()
    pool.Base.shared.clear()
