"""Accounts: who somebody is, and the limits of names, addresses and passwords."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.task import printable

MAX_USERNAME: Final = 64
MAX_EMAIL: Final = 254
MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 1024
MAX_DEVICE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user. One that came by a socket has a `peer_uid`; without a `password_hash` no password opens it."""

    user_id: int
    username: str
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    peer_uid: int | None = None


def fold(name: str) -> str:
    """Answer what is the same for all ways of writing a name or an address."""
    return normalize("NFC", name).lower()


def check_username(username: str) -> str:
    """Answer a username in its normal form. Raises Invalid with the limit it breaks."""
    username = _line("username", username, MAX_USERNAME)
    if "@" in username:
        raise Invalid("username: must not contain '@', so that it is never taken for an email address.")
    return username


def check_email(email: str) -> str:
    """Answer an email address, its case kept. Raises Invalid with the limit it breaks.

    Whether anybody gets mail there, only a mail could tell; so no more is asked for than what every address has.
    """
    email = _line("email", email, MAX_EMAIL)
    local, at, domain = email.partition("@")
    if not (local and at and domain) or "@" in domain or any(character.isspace() for character in email):
        raise Invalid("email: must have a name, one '@' and a domain, without spaces.")
    return email


def check_password(password: str) -> str:
    """Answer a password as it is. Raises Invalid with the limit it breaks."""
    if len(password) < MIN_PASSWORD:
        raise Invalid(f"password: has fewer than the {MIN_PASSWORD} characters it needs.")
    return check_attempt("password", password)


def check_attempt(field: str, password: str) -> str:
    """Answer what may be tried as a password. Raises Invalid for what is none, rather than cut it off."""
    if len(password) > MAX_PASSWORD:
        raise Invalid(f"{field}: has more than {MAX_PASSWORD} characters.")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise Invalid(f"{field}: is not valid UTF-8.")
    return password


def check_device(device: str) -> str:
    """Answer the name of a device, cut to its limit: it is there to be recognized. Raises Invalid for controls."""
    return printable("device", device.strip()[:MAX_DEVICE])


def peer_names(username: str, uid: int) -> Iterator[str]:
    """Answer names for the account of an OS user, the best one first: nobody is kept out because a name is taken."""
    yield username[:MAX_USERNAME]
    for suffix in itertools.chain([f"-{uid}"], (f"-{uid}-{number}" for number in itertools.count(2))):
        yield username[: MAX_USERNAME - len(suffix)] + suffix


def _line(field: str, text: str, limit: int) -> str:
    text = normalize("NFC", text)
    if not text:
        raise Invalid(f"{field}: must not be empty.")
    if len(text) > limit:
        raise Invalid(f"{field}: has {len(text)} characters, at most {limit} are allowed.")
    if text != text.strip():
        raise Invalid(f"{field}: must not begin or end with a space.")
    return printable(field, text)
