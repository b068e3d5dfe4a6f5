from .cart import Cart
from .parts import *
