"""A project with every kind of root: variables, a singleton, class attributes, weak containers."""
import collections
import functools
import weakref

import jobs
from registry import Manager

SESSIONS = {}
RECENT = collections.deque(maxlen=10)
WATCHERS = weakref.WeakSet()
NAMES = {"a": 1}
LIMIT = 10
MANAGER = Manager()
current = None
HANDLERS = []
NOTES = []
_cache = weakref.WeakValueDictionary()
_marks = weakref.WeakKeyDictionary()


class Session:
    live = {}

    def __init__(self, user, token):
        self.user = user
        self.token = token
        self.jobs = []
        self.parent = None
        self.count = 0
        Session.live[token] = self

    def add(self, job):
        self.jobs.append(job)

    def drop(self, job):
        self.jobs.remove(job)


class User:
    def __init__(self, name, boss):
        self.name = str(name)
        self.boss = weakref.ref(boss)
        self.friends = [User(name, boss)]


def login(name, token):
    session = Session(User(name, None), token)
    SESSIONS[token] = session
    RECENT.append(session)
    WATCHERS.add(session)
    return session


def logout(token):
    _cache[token] = SESSIONS.get(token)
    _marks[Session(None, token)] = User(token, None)
    Session.live.pop(token)


def use(token):
    global current
    current = SESSIONS[token]
    current = Session(None, token)


def listen(session):
    HANDLERS.append(lambda event: session.add(event))
    HANDLERS.append(functools.partial(login, session))
    HANDLERS.append(session.drop)


def work(kind):
    MANAGER.register(kind, jobs.Job(kind))
    keep(MANAGER, jobs.Job(kind))


def keep(manager, what):
    manager.extra = what


def note(what):
    NOTES.append(what)


def observe(session):
    note(session)
    note(lambda: session.token)
    note(jobs.Memory())


def main(argv):
    for arg in argv:
        session = login(arg, arg)
        listen(session)
        work(arg)
        use(arg)
        observe(session)


main.cache = {}


def remember(key, value):
    main.cache[key] = value


@functools.lru_cache(maxsize=None)
def lookup(session):
    return session.user


class Loader:
    @functools.lru_cache(maxsize=64)
    def load(self, key):
        return key


if __name__ == "__main__":
    import sys

    main(sys.argv)
