"""Every way in which classes keep their only instance."""
import threading
import functools


class Attribute(object):
    def __new__(cls, *args, **kw):
        if not hasattr(cls, '_instance'):
            orig = super(Attribute, cls)
            cls._instance = orig.__new__(cls, *args, **kw)
        return cls._instance


class Locked:
    _i = None
    _lock = threading.Lock()
    def __new__(cls):
        if cls._i is None:
            with cls._lock:
                if not cls._i:
                    inst = super().__new__(cls)
                    cls._i = inst
        return cls._i


class OwnDict:
    def __new__(cls):
        if '_inst' not in cls.__dict__:
            cls._inst = object.__new__(cls)
        return cls._inst


_the = None
class ModuleVariable:
    def __new__(cls):
        global _the
        if _the is None:
            _the = super().__new__(cls)
        return _the


class PerClass(type):
    _all = {}
    def __call__(cls, *a, **k):
        if cls not in cls._all:
            cls._all[cls] = super().__call__(*a, **k)
        return cls._all[cls]


class ByMetaclass(metaclass=PerClass):
    pass


def singleton(cls):
    insts = {}
    @functools.wraps(cls)
    def get(*a, **k):
        if cls not in insts:
            insts[cls] = cls(*a, **k)
        return insts[cls]
    return get


@singleton
class Decorated: pass


class Borg:
    _state = {}
    def __init__(self):
        self.__dict__ = self._state


class Factory:
    __inst = None
    @classmethod
    def get_instance(cls):
        if cls.__inst is None:
            cls.__inst = cls()
        return cls.__inst


class Multiton:
    _cache = {}
    def __new__(cls, name):
        try:
            return cls._cache[name]
        except KeyError:
            self = cls._cache[name] = object.__new__(cls)
            return self


class BorgInNew(object):
    _state = {}
    def __new__(cls, *args, **kwargs):
        ob = super(BorgInNew, cls).__new__(cls, *args, **kwargs)
        ob.__dict__ = cls._state
        return ob


class OwnDictGet:
    def __new__(cls):
        it = cls.__dict__.get("__it__")
        if it is not None:
            return it
        cls.__it__ = it = object.__new__(cls)
        it.init()
        return it
