"""What it imports is the library of the same name."""

import redis


def connect():
    return redis.connect()
