from ..one import left as other


def answer():
    return other.ask
