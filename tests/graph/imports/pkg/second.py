try:
    from ujson import dumps
except ImportError:
    from json import dumps


def visible():
    return dumps({})


def _hidden():
    return visible()
