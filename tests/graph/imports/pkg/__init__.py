"""What a package shows: renamed, starred, guarded and late names."""

from .first import *
from .second import visible as shown, _hidden
from . import sub
from .sub import deep
