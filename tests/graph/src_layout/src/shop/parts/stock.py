LEVELS = {}


def price(item):
    return 1


def sold_out(item):
    return LEVELS.pop(item, None)
