def f(a, b=1, /, c: int = 2, *args: str, d, e: "E" = None, **kwargs: object) -> list[int]:
    return a, b, c, args, d, e, kwargs


def g(*, only):
    pass


def h(self, callback=print, table={}, rows=[], made=make()):
    pass
