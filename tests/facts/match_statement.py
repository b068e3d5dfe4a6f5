match command.split():
    case ["go", direction] if direction in exits:
        go(direction)
    case ["drop", *objects]:
        drop(objects)
    case Point(x=0, y=yy) | Origin(yy, _) as point:
        use(point, yy)
    case {"key": value, **rest}:
        use(value, rest)
    case Color.RED | None | -1 | 2.5:
        pass
    case (1, 2) | "text":
        pass
    case str(text):
        use(text)
    case _:
        pass
match = 1
match.case = match
match rows:
    case [(first), *_, (q, *s)]:
        use(first, q, s)
    case {-1: negative, Color.RED: red, **others}:
        use(negative, red)
