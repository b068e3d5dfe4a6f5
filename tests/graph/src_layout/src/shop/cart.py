from shop.parts import price as price_of
from .parts.stock import LEVELS


class Cart:
    def __init__(self):
        self.items = []

    def add(self, item):
        LEVELS[item] = price_of(item)
        self.items.append(item)
