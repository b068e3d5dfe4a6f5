del name
del a.b, c[0], d[k]
del (e, [f.g])
del h[1:2]


def f(cache, key):
    del cache[key]
    del cache
