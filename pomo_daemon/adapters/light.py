"""To load a library without those of its parts that are not used."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def stand_in(name: str, **attributes: object) -> Iterator[None]:
    """Let a bare module be found by a name while others are loaded; who asks for it later gets the real one."""
    if name in sys.modules:
        yield
        return
    module = ModuleType(name)
    vars(module).update(attributes)
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]
