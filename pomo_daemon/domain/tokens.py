"""Tokens: how they are written, what is stored of them, and which follow from which.

Only hashes are stored. So that an answer that was lost can be given again, the tokens that follow a refresh token are
derived from it and from a seed that is stored when it is spent: neither alone derives anything.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

#: Bytes of chance in a token, and in a seed.
SIZE: Final = 32
ACCESS_LASTS: Final = timedelta(minutes=15)
REFRESH_LASTS: Final = timedelta(days=30)
#: For how long a spent refresh token answers the same again: the answer may have been lost on its way.
GRACE: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and the refresh token that renews it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


def written(chance: bytes) -> str:
    """Write a token: base64url without padding, 43 characters."""
    return urlsafe_b64encode(chance).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Answer what is stored of a token. It has 256 bits of chance, so that a quick hash is as good as a slow one."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def successors(seed: bytes, token: str) -> Pair:
    """Derive the tokens that follow a refresh token, always the same for the same seed."""

    def derive(label: bytes) -> str:
        return written(hmac.digest(seed, label + b"\0" + _bytes(token), "sha256"))

    return Pair(derive(b"access"), derive(b"refresh"))


def may_repeat(spent_at: datetime, now: datetime) -> bool:
    """Tell whether a spent refresh token may still be answered as it was."""
    return now - spent_at <= GRACE


def _bytes(token: str) -> bytes:
    # What a client sends need be no text at all; it is then a token that nobody has.
    return token.encode("utf-8", "surrogatepass")
