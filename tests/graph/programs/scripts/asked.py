"""Somebody has to ask for it."""

import gc
import sys
from gc import set_threshold as threshold

if "--fast" in sys.argv:
    gc.disable()
DEBUG = False
if DEBUG:
    gc.set_debug(gc.DEBUG_LEAK)
if __name__ == "__main__":
    old = gc.get_threshold()
    threshold(0)
    threshold(*old)
