import functools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:

    def never():
        pass


def at_import():
    helper()


def helper():
    pass


def register(function):
    return function


def parametrised(name):
    def decorate(function):
        return function

    return decorate


@register
def decorated():
    pass


@parametrised("x")
def decorated_too():
    pass


class Plugin:
    def __init_subclass__(cls):
        noted(cls)

    def __init__(self):
        self.prepare()

    def prepare(self):
        pass

    def work(self):
        pass


def noted(cls):
    pass


class First(Plugin):
    pass


def per_instance():
    return Plugin()


async def handler(request):
    per_instance().work()


def in_thread():
    while True:
        from_thread()


def from_thread():
    pass


def lazily():
    pass


callback = functools.partial(lazily)


def recursive(n):
    return recursive(n - 1) if n else 0


def main():
    threading.Thread(target=in_thread).start()
    for _ in range(3):
        recursive(2)
    once()


def once():
    pass


at_import()
for _ in range(3):
    at_import()

if __name__ == "__main__":
    main()


def alone(node):
    alone(node)


def ping():
    pong()


def pong():
    ping()


def last_of_chain():
    pass


def before_last_of_chain():
    last_of_chain()
