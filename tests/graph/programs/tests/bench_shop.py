"""A benchmark is no program: what it switches means nothing for the library."""

import gc

import shop.types

if __name__ == "__main__":
    gc.disable()
    shop.types.Order()
