import abc
from unknown import Foreign


class Root:
    limits = {}

    def __init__(self, owner):
        self.owner = owner
        self.children = []

    def add(self, child):
        self.children.append(child)


class Left(Root):
    def add(self, child):
        super().add(child)


class Right(Root):
    pass


class Strange(Foreign, Right):
    pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def add(self, child): ...
