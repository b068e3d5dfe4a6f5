import shop
from shop import Cart, price

cart = shop.Cart()


def fill(items):
    for item in items:
        cart.add(item)
        Cart().add(price(item))
