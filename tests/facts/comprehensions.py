squares = [x * x for x in numbers if x if x > 1]
pairs = {k: v for k, v in table.items()}
flat = {y for row in rows for y in row}
lazy = sum(f(z) for z in stream)


async def gather(sources):
    return [await s async for s in sources]


class C:
    names = [n for n in names_of(C)]
