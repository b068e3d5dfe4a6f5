"""Singletons by decorators, old metaclasses and functions, and what looks like one."""
import functools, threading, weakref
import six


class Singleton:
    def __init__(self, cls):
        self._cls = cls
        self._it = None
    def __call__(self, *a):
        if self._it is None:
            self._it = self._cls(*a)
        return self._it


@Singleton
class Wrapped: pass


def once(klass):
    instance = None
    def make(*a):
        nonlocal instance
        if instance is None:
            instance = klass(*a)
        return instance
    return make


@once
class ByNonlocal: pass


def single(cls):
    class Wrapper(cls):
        _instance = None
        def __new__(inner, *a, **k):
            if inner._instance is None:
                inner._instance = super().__new__(inner)
            return inner._instance
    Wrapper.__name__ = cls.__name__
    return Wrapper


@single
class Subclassed: pass


@functools.lru_cache(maxsize=None)
class Cached: pass


class Meta(type):
    def __init__(cls, name, bases, ns):
        super().__init__(name, bases, ns)
        cls._inst = None
    def __call__(cls, *a, **k):
        if cls._inst is None:
            cls._inst = type.__call__(cls, *a, **k)
        return cls._inst


class WithMetaclass(six.with_metaclass(Meta, object)): pass


@six.add_metaclass(Meta)
class AddMetaclass(object): pass


_pool = None
class Pool: pass
def get_pool():
    global _pool
    if _pool is None:
        _pool = Pool()
    return _pool


class Weak:
    _all = weakref.WeakValueDictionary()
    def __new__(cls, key):
        it = cls._all.get(key)
        if it is None:
            it = super().__new__(cls)
            cls._all[key] = it
        return it


class LastOne:  # not one: a new one each time
    last = None
    def __new__(cls):
        self = super().__new__(cls)
        cls.last = self
        return self


class PerThread:
    _local = threading.local()
    @classmethod
    def current(cls):
        if not hasattr(cls._local, 'it'):
            cls._local.it = cls()
        return cls._local.it


class ByHelper(object):
    def __new__(cls, *a):
        return cls._instance if hasattr(cls, '_instance') else cls._make(*a)
    @classmethod
    def _make(cls, *a):
        cls._instance = super().__new__(cls)
        return cls._instance


class NeverKept:
    __instance__ = None
    def __new__(cls, *args):
        if cls.__instance__ is None:
            return super().__new__(cls, *args)
        return cls.__instance__


class SetDefault:
    _instances = {}
    def __new__(cls, *args, **kwargs):
        key = (cls, args, frozenset(kwargs.items()))
        return cls._instances.setdefault(key, super().__new__(cls))


class Choice:
    def __new__(cls):
        cls.it = getattr(cls, 'it', None) or object.__new__(cls)
        return cls.it
