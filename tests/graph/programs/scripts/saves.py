import gc

from scripts import flags

gc.set_debug(flags.FLAGS)
gc.collect()
