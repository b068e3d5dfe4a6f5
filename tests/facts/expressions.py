a.b.c.d.e.f.g.h = 1
use(a.b.c.d.e.f.g)
x = a[0][1:2][i, j][...][-1]
y = -a + b * c ** d // e % f @ g
z = ~a | b & c ^ d << e >> f
first = [1, *rest, {"k": v, **more}]
second = (1,)
third = {1, 2}
f(*args, k=1, **kw)(again).attr[key].method()
"text".join(parts)
(lambda: 0)()
print((yield_value), ...)
