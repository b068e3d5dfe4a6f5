class Box[T = int](Base[T]):
    value: T


def first[T = int, *Ts = *tuple[int], U: str = x](items: list[T]) -> T:
    return items[0]
