"""The keyring of the desktop, for profiles whose tokens it keeps. The package `keyring` comes with `pomo[keyring]`."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from pomo_daemon.protocol.errors import PomoError

_SERVICE: Final = "pomo"
_INSTALL: Final = "Install it: pip install 'pomo[keyring]'; or use a file: 'pomo profile edit NAME --tokens file'."
_UNLOCK: Final = "Unlock it, or use a file: 'pomo profile edit NAME --tokens file', then log in."


def load(account: str) -> str | None:
    """Answer what is kept for an account, if anything. Raises PomoError."""
    with _opened() as keyring:
        found: str | None = keyring.get_password(_SERVICE, account)
        return found


def store(account: str, secret: str) -> None:
    """Keep a secret. Raises PomoError."""
    with _opened() as keyring:
        keyring.set_password(_SERVICE, account, secret)


def remove(account: str) -> None:
    """Forget what is kept for an account. Raises PomoError."""
    with _opened() as keyring:
        if keyring.get_password(_SERVICE, account) is not None:
            keyring.delete_password(_SERVICE, account)


@contextmanager
def _opened() -> Iterator[ModuleType]:
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        raise PomoError("auth.forbidden", "The package keyring is not installed.", _INSTALL) from None
    try:
        yield keyring
    except NoKeyringError:
        raise PomoError("auth.forbidden", "There is no keyring on this machine, or none that runs.", _UNLOCK) from None
    except KeyringError as error:
        raise PomoError("auth.forbidden", f"The keyring refuses: {error}.", _UNLOCK) from None
