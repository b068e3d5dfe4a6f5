from dataclasses import dataclass, field


class Meta(type):
    pass


class Base(object, metaclass=Meta, flag=True, *mixins, **options):
    __slots__ = ("a", "b")
    shared = []
    count: int = 0
    later: str

    def __init__(self):
        super().__init__()
        self.items = {}
        self.__private = Base

    def __del__(self):
        self.items.clear()


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    tags: list = field(default_factory=list)


class Empty: ...
