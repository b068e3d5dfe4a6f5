import asyncio


async def worker(queue):
    async for item in queue:
        await handle(item)
    task = asyncio.create_task(other())
    asyncio.ensure_future(other())
    result = await task
    return result.value


async def agen():
    yield 1
    x = yield
    await asyncio.sleep(x)
