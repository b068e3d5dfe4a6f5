def g(items):
    received = yield items
    yield from other(received)
    result = yield from inner()
    return (yield), result


consumer = (lambda: (yield))
