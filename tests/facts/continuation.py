total = one + \
    two
f = lambda \
    a, \
    b: a
call(a, \
     b)
if a and \
   b:
    pass
from m import a, \
    b
(x) = 1
(y): int
(z): int = 2
