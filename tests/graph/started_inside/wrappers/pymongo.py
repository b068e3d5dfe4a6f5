"""What it imports is the library of the same name."""

import pymongo


def connect():
    return pymongo.connect()
