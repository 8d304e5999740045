"""A fake daemon with one account and its logins: gives tokens, renews them once each, and asks for them at hello."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from pomo_cli.tokens import TokenFile, Tokens
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.fake_daemon import FakeDaemon, text

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse"


class AuthDaemon(FakeDaemon):
    """Knows `ada` and the tokens it gave. A refresh token is good once; `spent` has those that were used."""

    def __init__(self) -> None:
        super().__init__()
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.spent: list[str] = []
        self.by_peer = True
        self.texts = self._text
        self._turn = threading.Lock()
        self._number = 0

    def give(self, *, expires: datetime = FAR_AWAY, login_id: int = 3) -> Tokens:
        """Make tokens that are good here."""
        self._number += 1
        access, refresh = f"access-{self._number}", f"refresh_{self._number}"
        self.access.add(access)
        self.refresh.add(refresh)
        return Tokens(access, expires.isoformat(), refresh, FAR_AWAY.isoformat(), str(login_id), "ada")

    def log_in(self, profile: str = "default", *, expires: datetime = FAR_AWAY) -> Tokens:
        """Let the user of the test be logged in there."""
        given = self.give(expires=expires)
        TokenFile(profile).store(given)
        return given

    def forget(self) -> None:
        """End all logins."""
        self.access.clear()
        self.refresh.clear()

    def tokens_sent(self) -> list[str | None]:
        """Answer the tokens of all hellos."""
        return [it.get("token") for it in self.requests("hello")]

    def _result(self, method: str, params: dict[str, Any]) -> Any:
        with self._turn:
            if method == "hello" and params.get("token") not in (None, *self.access):
                return PomoError("auth.invalid_token", "The token is not valid.")
            if method == "auth.refresh":
                return self._refreshed(params["refresh_token"])
            if method == "auth.login":
                good = params["name"] in ("ada", "ada@example.org") and params["password"] == PASSWORD
                return as_result(self.give(login_id=4)) if good else PomoError("auth.invalid_credentials")
        return super()._result(method, params)

    def _refreshed(self, token: str) -> Any:
        if token not in self.refresh:
            return PomoError("auth.invalid_token", "The token is not valid.")
        self.refresh.remove(token)
        self.spent.append(token)
        return as_result(self.give())

    def _text(self, line: bytes) -> bytes:
        token = line.split(b" ")[2].decode()
        if token in self.access or (token == "-" and self.by_peer):
            return text(0, f"idle for {token}")
        return text(5, "pomo: That needs a login.")


def as_result(tokens: Tokens) -> dict[str, Any]:
    """Answer what goes over the wire for tokens."""
    return {**tokens._asdict(), "login_id": int(tokens.login_id)}


def soon(seconds: float) -> datetime:
    """Answer a moment so many seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
