import sys
print "hello", name
print >>sys.stderr, "oops"
exec code in namespace
try:
    pass
except ValueError, e:
    raise TypeError, "bad", sys.exc_info()[2]
if a <> b:
    x = 0777L + 10L
def f(a, (b, c)):
    return b
print
text = `value`
raise ValueError, "old"
