"""Text on its way to a terminal, and lengths as people read them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.text import clean, clock, first_control, length

#: Unicode's own property says which characters reorder others, but for the three marks that are strong by themselves.
REORDERS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def obeyed(character: str) -> bool:
    """Tell by Unicode's properties whether a terminal obeys a character rather than showing it."""
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in REORDERS
        or character in "\u200e\u200f\u061c"
    )


ANY = st.text(st.characters())
# Hypothesis leaves lone surrogates out unless it is asked for them.
WITH_SURROGATES = st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu"]))


@given(ANY | WITH_SURROGATES)
def test_nothing_that_a_terminal_obeys_gets_through(text: str) -> None:
    cleaned = clean(text)
    assert not any(obeyed(character) for character in cleaned)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


@given(ANY | WITH_SURROGATES)
def test_the_first_character_that_would_be_replaced_is_named(text: str) -> None:
    named = first_control(text)
    assert (named is None) == (clean(text) == text)
    if named is not None:
        character = chr(int(named.removeprefix("U+"), 16))
        assert clean(text[: text.index(character)]) == text[: text.index(character)]
        assert clean(character) == "\ufffd"


@pytest.mark.parametrize(
    "text", ["Write report", "日本語", "עברית", "\N{TOMATO}\ufe0f", "\N{MAN}\u200d\N{WOMAN}", "é&<[b]"]
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert clean(text) == text
    assert first_control(text) is None


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert clean("a\x1b[31mb\x9b2Jc\r\nd") == "a\ufffd[31mb\ufffd2Jc\ufffd\ufffdd"
    assert first_control("a\x1b[31m") == "U+001B"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (59, "00:59"),
        (754, "12:34"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (90_061, "25:01:01"),
        (-65, "-01:05"),
    ],
)
def test_a_clock_shows_hours_from_one_hour_on(seconds: int, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (45, "45s"), (150, "2m30s"), (1500, "25m"), (3600, "1h00m"), (3900, "1h05m"), (3903, "1h05m03s")],
)
def test_a_length_names_its_units(seconds: int, text: str) -> None:
    assert length(seconds) == text
