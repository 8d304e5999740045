"""The login of a profile as this command keeps it: renewed when that is due, by one command at a time."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pomo_cli import clock, tokens
from pomo_cli.profile import in_use, named
from pomo_cli.tokens import TokenFile, Tokens
from pomo_daemon.protocol.errors import PomoError

#: So long before its end an access token is not used any more: it has a way to go.
MARGIN: Final = timedelta(seconds=10)
#: Exchanges a refresh token of a profile for the result of `auth.refresh`. Raises PomoError.
Refresh = Callable[[str, str], Mapping[str, Any]]


class Login:
    """The login of one profile, if there is one. What it raises is PomoError."""

    def __init__(self, profile: str, refresh: Refresh) -> None:
        self.profile = profile
        self._file = TokenFile(profile)
        self._refresh = refresh

    def token(self) -> str | None:
        """Answer an access token that should do; None if nobody is logged in."""
        found = self._file.read()
        if found is None:
            return None
        return self.renewed(found.access_token) if is_over(found.access_expires_at) else found.access_token

    def renewed(self, stale: str) -> str:
        """Answer an access token other than the stale one: that which another command got meanwhile, or a new one.

        Raises `auth.invalid_token` when the login has ended; its tokens are gone then.
        """
        with self._file.locked():
            found = self._file.read()
            if found is None:
                raise PomoError("auth.invalid_token", "The login has ended.", "Log in again with 'pomo auth login'.")
            if found.access_token != stale and not is_over(found.access_expires_at):
                return found.access_token
            # A refresh token is good once: see first that the one which follows can be kept.
            self._file.store(found)
            try:
                fresh = tokens_of(self._refresh(self.profile, found.refresh_token))
            except PomoError as error:
                if error.code != "auth.invalid_token":
                    raise
                self._file.remove()
                raise PomoError(
                    "auth.invalid_token", "The login has ended.", "Log in again with 'pomo auth login'."
                ) from None
            self._file.store(fresh)
            return fresh.access_token


def login_of(profile: str, refresh: Refresh) -> Login | None:
    """Answer the login of a profile, of no name: of that in use; None where nobody ever logged in. Raises PomoError."""
    if not os.path.lexists(tokens.folder()):
        return None
    return Login(named(profile or in_use()), refresh)


def tokens_of(result: Mapping[str, Any]) -> Tokens:
    """Answer the tokens that `auth.login` and `auth.refresh` give."""
    return Tokens(*(str(result[name]) for name in Tokens._fields))


def is_over(expires_at: str) -> bool:
    """Tell whether that moment is there, or nearly; what is no moment is over."""
    try:
        return datetime.fromisoformat(expires_at) - MARGIN <= clock.now()
    except (ValueError, TypeError, OverflowError):
        return True
