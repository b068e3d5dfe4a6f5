type Pair[T] = tuple[T, T]
type Name = str


def first[T: int, *Ts, **P](items: list[T]) -> T:
    return items[0]


class Box[T](Base[T]):
    value: T


type(x).attribute = 1
type = type(x)
