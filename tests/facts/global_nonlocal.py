counter = 0


def bump():
    global counter, fresh
    counter += 1
    fresh = counter

    def inner():
        return counter


def outer():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step
