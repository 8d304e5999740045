"""To load a library without those of its parts that are not used."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
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


class _NotListed(ImportError):
    """What importlib.metadata raises for a distribution that it does not find."""


def _version(name: str) -> str:
    raise _NotListed(name)


def no_plugins() -> AbstractContextManager[None]:
    """Let libraries be loaded that look for plugins of theirs among what is installed, but not look.

    What does the looking reads the messages of mails and packed archives, in two megabytes.
    """
    return stand_in(
        "importlib.metadata", entry_points=lambda **_group: (), version=_version, PackageNotFoundError=_NotListed
    )
