import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from work import Job, fetch, foreign, hanoi, million, pack, primes, retry, shout, stored


def start():
    workers = [threading.Thread(target=primes, args=(n,)) for n in (10, 20)]
    for worker in workers:
        worker.start()


def pool(urls):
    with ThreadPoolExecutor(4) as executor:
        executor.map(fetch, urls)
        first = executor.submit(million)
        second = executor.submit(lambda: hanoi(20, 1, 2, 3))
    return first, second


def methods(limit):
    job = Job(limit)
    threading.Thread(target=job.run).start()


async def inline(url, words, thing):
    shout(words)
    retry(url, 3)
    pack(b"")
    stored(b"", b"")
    foreign(thing)
    await asyncio.sleep(0)


async def idle():
    return million()


async def handed(loop):
    await asyncio.to_thread(million)
    await loop.run_in_executor(None, million)
    await idle()


def mutual(n):
    return other(n - 1) if n else 0


def other(n):
    return mutual(n - 1) + pack(b"")[0]


async def rings():
    mutual(3)


while True:
    pass
