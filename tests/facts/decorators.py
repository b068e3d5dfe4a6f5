import functools
from functools import lru_cache as memo


@functools.lru_cache(maxsize=None)
@memo
def cached(x):
    return x


class C:
    @property
    def p(self):
        return self._p

    @p.setter
    def p(self, value):
        self._p = value

    @functools.cache
    def method(self, *args, **kwargs):
        return 1


@registry["name"].register(key := make())
@(lambda cls: cls)
class D:
    pass
