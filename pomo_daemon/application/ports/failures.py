"""How a store fails."""

from typing import Final

#: The code of the error for what cannot be stored since the database is read-only.
READ_ONLY: Final = "database.read_only"


class StoreError(Exception):
    """The store failed; `code` is a row of the error table, whose hint stands in for an empty one."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Stale(Exception):  # an outcome to handle, by trying again, rather than a fault
    """Somebody else changed the timer since it was loaded."""
