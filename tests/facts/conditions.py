if x is None or y is not None:
    pass
if key in cache and key not in seen:
    pass
if len(items) > limit:
    pass
if not (a and b):
    pass
if isinstance(x, (A, B)) or hasattr(x, "close") or callable(x):
    pass
if 0 < n <= 10 != m:
    pass
value = a or b
value = a and b.c
value = one if flag else other
value = not flag
value = left == right
assert items, "empty"
assert type(x) is int
