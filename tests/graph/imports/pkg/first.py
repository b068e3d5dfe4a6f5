__all__ = ["one", "_two"]
__all__ += ["three"]


def one():
    pass


def _two():
    pass


def three():
    pass


def four():
    pass
