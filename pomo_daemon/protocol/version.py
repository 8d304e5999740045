"""The versions that both sides tell each other; nothing else may live here, since the build reads this file."""

from typing import Final

VERSION: Final = "0.1.0"

#: Raised when a change of the wire would confuse an older peer; `hello` refuses any other number.
PROTOCOL: Final = 1
