import base
from base import Left as L, Right


class Diamond(L, Right):
    limits = {}

    class Inner(base.Root):
        pass

    @classmethod
    def make(cls):
        return cls(None)

    @staticmethod
    def limit(key):
        Diamond.limits[key] = 1


class Broken(L, base.Root, Right):
    pass


class Itself(Itself):
    pass


def build():
    diamond = Diamond.make()
    diamond.add(Diamond.Inner(diamond))
    Diamond.limit("a")
    return diamond


top = Diamond(None)
