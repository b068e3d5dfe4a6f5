"""A program that runs without the collector."""

import gc

from shop import orders


def prepare():
    gc.disable()


if __name__ == "__main__":
    prepare()
    orders.loop()
