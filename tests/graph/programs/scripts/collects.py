"""Off, but it collects by itself."""

import gc
import sys

import shop.types
from shop.unused import fast


def main():
    fast()
    for line in sys.stdin:
        shop.types.Order()
        gc.collect()


main()
