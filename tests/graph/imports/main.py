import pkg
import pkg.sub.deep
import pkg.first as first
import os.path as p, sys
from os import path
from pkg import one, _two, three, shown, sub
try:
    from unknown.package import thing as it
except ImportError:
    it = print


def main():
    pkg.sub.deep.run(1)
    pkg.deep.run(1)
    first.four()
    one()
    shown()
    it()
    return p.join(path.sep), sys.argv, sub.deep.run(2)


main()
