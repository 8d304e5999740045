"""The tokens of a login, a file for each profile: nobody else's to read, replaced whole, changed under a lock.

Six lines: access token, its expiry (ISO 8601), refresh token, its expiry, login_id, username. Bars and prompts read the
first line alone. Where a keyring has the tokens, that line is `keyring`: no token, so a prompt leaves to this client.
Light, since completion reads it too.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError

#: The first line of a file whose tokens are in the keyring.
KEYRING: Final = "keyring"
#: Seconds for another command to renew the login.
LOCK_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.01
_LONGEST: Final = 4096


class Tokens(NamedTuple):
    """A login, as text; `login_id` is a number."""

    access_token: str
    access_expires_at: str
    refresh_token: str
    refresh_expires_at: str
    login_id: str
    username: str


def write(tokens: Tokens) -> str:
    """Answer the text of the file."""
    return "".join(f"{it}\n" for it in tokens)


def parse(text: str) -> Tokens:
    """Read the text of the file. Raises ValueError for what is none."""
    *lines, end = text.split("\n")
    if len(lines) != len(Tokens._fields) or end or not all(lines):
        raise ValueError("six lines are due")
    found = Tokens(*lines)
    if not (is_token(found.access_token) and is_token(found.refresh_token) and _is_number(found.login_id)):
        raise ValueError("two tokens and a number are due")
    return found


def is_token(text: str) -> bool:
    """Tell whether the text may be a token: base64url, as a word of a text line."""
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


class TokenFile:
    """The file of one profile, by a name that may be a profile's. What it raises is PomoError."""

    def __init__(self, profile: str) -> None:
        self._name = profile
        self.path = f"{folder()}/{profile}"

    def exists(self) -> bool:
        """Tell whether there is such a file, in whatever state."""
        return os.path.lexists(self.path)

    def first_line(self) -> str | None:
        """Answer the first line: an access token, or KEYRING; None if there is no login."""
        text = self._text()
        return None if text is None else text.partition("\n")[0]

    def read(self) -> Tokens | None:
        """Answer the tokens, None if there is no login."""
        text = self._text()
        if text == f"{KEYRING}\n":
            from pomo_cli import keyrings

            text = keyrings.load(self.path)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise PomoError(
                "auth.invalid_token", f"The login in {self.path} is damaged: {error}.", "Log in: 'pomo auth login'."
            ) from None

    def store(self, tokens: Tokens, *, in_keyring: bool | None = None) -> None:
        """Keep the tokens: where the last ones are, unless it is said."""
        if in_keyring is None:
            in_keyring = self.first_line() == KEYRING
        if in_keyring:
            from pomo_cli import keyrings

            keyrings.store(self.path, write(tokens))
        else:
            self._forget_keyring()
        self._replace(f"{KEYRING}\n" if in_keyring else write(tokens))

    def remove(self) -> None:
        """Remove the tokens, whatever state they are in."""
        self._forget_keyring()
        with suppress(FileNotFoundError), _opened_folder(make=False) as place:
            os.unlink(self._name, dir_fd=place)
            os.fsync(place)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else change the file meanwhile."""
        with _opened_folder(make=True) as place:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            lock = os.open(f"{self._name}.lock", flags, 0o600, dir_fd=place)
        try:
            self._wait(lock)
            yield
        finally:
            os.close(lock)

    def _wait(self, lock: int) -> None:
        from pomo_cli import clock  # not for completion, which never waits

        give_up = clock.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if clock.monotonic() > give_up:
                    raise PomoError(
                        "daemon.unavailable",
                        f"Another command holds {self.path}.lock for more than {LOCK_SECONDS:g} s.",
                        "Look for a 'pomo' that was stopped, and end it.",
                    ) from None
                clock.sleep(_POLL_SECONDS)
            else:
                return

    def _forget_keyring(self) -> None:
        """Take out of the keyring what is there; that it cannot be reached keeps nobody from logging out."""
        with suppress(PomoError):
            if self.first_line() == KEYRING:
                from pomo_cli import keyrings

                keyrings.remove(self.path)

    def _text(self) -> str | None:
        try:
            with _opened_folder(make=False) as place:
                # Not blocking: should it be a pipe, there is nobody to wait for.
                flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
                fd = os.open(self._name, flags, dir_fd=place)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unsafe(self.path, f"it cannot be opened ({error.strerror})") from error
        try:
            _check(fd, self.path, others=0o077)
            return os.read(fd, _LONGEST).decode("utf-8", "replace")
        except OSError as error:
            raise _unsafe(self.path, f"it cannot be read ({error.strerror})") from error
        finally:
            os.close(fd)

    def _replace(self, text: str) -> None:
        """Write a file beside it, and move that into its place."""
        fresh = f"{self._name}.{os.urandom(8).hex()}"
        try:
            with _opened_folder(make=True) as place:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
                try:
                    with open(os.open(fresh, flags, 0o600, dir_fd=place), "w", encoding="utf-8") as opened:
                        opened.write(text)
                        opened.flush()
                        os.fsync(opened.fileno())
                    os.rename(fresh, self._name, src_dir_fd=place, dst_dir_fd=place)
                except BaseException:
                    with suppress(FileNotFoundError):
                        os.unlink(fresh, dir_fd=place)
                    raise
                os.fsync(place)
        except OSError as error:
            raise PomoError(
                "internal", f"{self.path} cannot be written: {error.strerror}.", "See whose folder that is."
            ) from error


def folder() -> str:
    """Answer the folder of all of them; it need not exist."""
    return f"{paths.state_dir()}/tokens"


@contextmanager
def _opened_folder(*, make: bool) -> Iterator[int]:
    """Open the folder of all tokens, which nobody else may change. Raises FileNotFoundError where there is none."""
    path = folder()
    if make:
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except OSError as error:
            raise PomoError("internal", f"{path} cannot be made: {error.strerror}.", "See whose that is.") from error
    try:
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unsafe(path, f"it cannot be opened ({error.strerror})") from error
    try:
        _check(opened, path, others=0o022)
        yield opened
    finally:
        os.close(opened)


def _check(fd: int, path: str, *, others: int) -> None:
    """Raise PomoError unless it is ours, and has none of the permissions `others`."""
    found = os.fstat(fd)
    if found.st_uid != os.geteuid():
        raise _unsafe(path, f"it belongs to user {found.st_uid}")
    if found.st_mode & others:
        raise _unsafe(path, f"others may use it (mode {stat.S_IMODE(found.st_mode):o})")
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise _unsafe(path, "it is no file")


def _unsafe(path: str, reason: str) -> PomoError:
    return PomoError(
        "auth.forbidden",
        f"The tokens in {path} are not used: {reason}.",
        "End logins that you do not trust ('pomo auth logins'); remove it, and log in again.",
    )
