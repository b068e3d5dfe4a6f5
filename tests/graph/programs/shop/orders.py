from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop import types


def loop():
    from . import prices

    while True:
        prices.look_up()
