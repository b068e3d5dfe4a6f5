from .stock import LEVELS, price

__all__ = ["price"]
