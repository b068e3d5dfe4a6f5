"""What it imports is the library of the same name."""

import kafka


def connect():
    return kafka.connect()
