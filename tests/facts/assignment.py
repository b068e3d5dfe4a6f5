a = b = c = value
x, *rest, y = items
(p, (q, r)), s = nested
[t, u] = 1, 2
o.attr = o.table["k"] = o.rows[i] = thing
o.attr, o.rows[j] = first, second
n: int
m: "Thing" = make()
o.typed: list[int] = []
v = w,
a, b = b, a
self.head, node.next = node, self.head
[x, *self.others] = pair, 1
