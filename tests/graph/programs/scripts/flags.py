import gc

FLAGS = gc.DEBUG_STATS | gc.DEBUG_LEAK
