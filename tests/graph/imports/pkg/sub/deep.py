from .. import one
from ..second import *
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..first import four


def run(job: "four"):
    from pkg import three as third

    return one(), third(), visible()
