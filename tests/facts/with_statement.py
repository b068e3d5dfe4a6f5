with open(path) as f, lock, self.pool.get() as self.connection:
    f.read()
with (
    open(a) as one,
    open(b) as two,
):
    copy(one, two)
with manager() as (left, right):
    pass
with (yield_lock()):
    pass


async def f():
    async with session.get(url) as response, other:
        return await response.json()
