"""One name alone is no sign: the library of that name may be meant."""

import cache
