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


class Engine:
    def __init__(self, power: "Power"):
        self.power = power


class Power:
    pass


class Car:
    """Attributes by constructor call, annotation, argument at the call sites, and result."""

    def __init__(self, owner, label):
        self.engine = Engine(Power())
        self.spare: Power = None
        self.owner = owner
        self.label = label
        self.again = self.copy()

    def copy(self):
        return Car(self.owner, "copy")


class Owner:
    def buy(self):
        return Car(self, "new")
