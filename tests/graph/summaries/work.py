"""Every kind of line that a summary has."""
import functools
import sqlite3
import threading
import weakref

ITEMS = {}
LOG = []
last = None


class Node:
    def __init__(self, parent, name):
        self.parent = parent
        self.name = name
        self.children = []

    def add(self, child):
        self.children.append(child)
        child.parent = self

    def detach(self):
        self.parent = None
        self.children.clear()

    def root(self):
        return self.parent

    def run(self):
        return self.name

    async def wait(self, other):
        return other

    def walk(self):
        for child in self.children:
            yield child


def attributes(node, value):
    node.value = value
    node.next.value = value


def elements(rows, value):
    rows.append(value)
    rows[0] = value


def items(table, key, value):
    table[key] = value
    table["name"] = value


def closures(node, value):
    node.hook = lambda: value

    def inner(more=value):
        return node, more

    node.inner = inner


def methods(node: Node, other: Node):
    node.hook = other.run


def partials(node, value):
    node.hook = functools.partial(print, value)


def generators(node: Node, other: Node):
    node.steps = other.walk()
    node.pending = node.wait(other)


def weakly(node, other):
    node.owner = weakref.ref(other)
    node.watch = weakref.WeakSet()
    node.watch.add(other)


def briefly(node: Node, other: Node):
    node.timer = threading.Thread(target=other.run)


def blindly(node: Node, path):
    node.base = sqlite3.connect(path)
    node.base.set_trace_callback(node.run)


def cuts(node):
    node.value = None
    del node.next


def returns(node, flag):
    if flag:
        return node.parent
    return Node(node, "new")


def displays(node, a, b):
    node.both = (a, [b])


def stores(key, value):
    ITEMS[key] = value
    LOG.append(value)


def through(key, node):
    stores(key, Node(node, key))


def doubted(node, other, flag):
    node.peer = other
    if flag:
        node.peer = None


def ring(node: Node):
    child = Node(node, "child")
    node.add(child)


def even(node, n):
    node.even = n
    odd(node, n)


def odd(node, n):
    node.odd = n
    even(node, n)


def depth(node):
    node.link = Node(None, "x")
    return depth(node.link)


def outer(value):
    kept = []

    def keep(more):
        kept.append(more)

    keep(value)
    return keep


def nothing(a, b):
    return len(a) + b
