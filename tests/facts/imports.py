from __future__ import annotations

import a
import a.b.c
import d.e as f, g
from h import i, j as k
from .l import m
from ... import n
from . import o as p
from q import *
from r import (
    s,
    t as u,
)
if TYPE_CHECKING:
    from v import W
try:
    import x
except ImportError:
    x = None


def lazy():
    import y.z
    from aa import bb

    return y, bb
