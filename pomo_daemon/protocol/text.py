"""Text from people on its way to a terminal. Light: the daemon and the command share it."""

from typing import Final

# What a terminal obeys instead of showing: C0 and C1 controls (ESC among them), DEL, and the characters that
# reorder what stands around them (Unicode bidirectional controls, UAX #9). Line and paragraph separators break lines.
_CONTROLS: Final = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
)
#: Whatever `clean` replaces, and by what.
REPLACED: Final = dict.fromkeys((*_CONTROLS, *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}")


def clean(text: str) -> str:
    """Replace each character that a terminal would obey, or that is no character (lone surrogates), by U+FFFD."""
    return text.translate(REPLACED)


def first_control(text: str) -> str | None:
    """Answer the first character of `text` that `clean` would replace, as `U+001B`, or None."""
    for character in text:
        if ord(character) in REPLACED:
            return f"U+{ord(character):04X}"
    return None


def clock(seconds: int) -> str:
    """Write a length of time as `12:34`, or `1:02:03` from an hour on; a negative one has a minus."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes:02}:{rest:02}"


def length(seconds: int) -> str:
    """Write a length of time as `1h05m`, `25m`, `2m30s` or `45s`: for sentences and totals."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m" + (f"{rest:02}s" if rest else "")
    if minutes:
        return f"{minutes}m" + (f"{rest:02}s" if rest else "")
    return f"{rest}s"
