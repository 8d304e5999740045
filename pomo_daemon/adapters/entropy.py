"""Chance, from the kernel."""

import os

from pomo_daemon.domain.tokens import SIZE


class SystemRandom:
    """The Random port."""

    def token(self) -> bytes:
        """Answer 32 bytes that nobody can foresee."""
        return os.urandom(SIZE)
