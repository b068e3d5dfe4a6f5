import hashlib
import time
import zlib

import requests


def primes(limit):
    return [n for n in range(2, limit) if all(n % d for d in range(2, n))]


def million():
    total = 0
    for i in range(1_000):
        for j in range(1_000):
            total += i * j
    return total


def hanoi(n, a, b, c):
    if n:
        hanoi(n - 1, a, c, b)
        hanoi(n - 1, c, b, a)


def shout(words):
    return [word.upper() for word in words]


def fetch(url):
    return requests.get(url).text


def retry(url, times):
    for i in range(times):
        if i:
            time.sleep(i)
        fetch(url)


def pack(data):
    return zlib.compress(data)


def stored(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)


def foreign(thing):
    return thing.compute()


class Job:
    def __init__(self, limit):
        self.limit = limit

    def run(self):
        return primes(self.limit)
