def command(a, b: Limit[int](30)):
    first: Limit[int][a] = a, *[b]
    return a, *(b or ())


def heading(name):
    return f"{name:=^30}", name * (1), "a:=^"
