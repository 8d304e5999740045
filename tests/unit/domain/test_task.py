"""Names of tasks."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.task import MAX_NAME, check_count, check_name, check_text
from pomo_daemon.protocol.text import clean

GOOD: Final = (
    "Write report",
    "'quotes\" and [bold]markup[/bold] & <b>tags</b>",
    "日本語の\u3000名前",
    "non\u00a0breaking",
    "עברית",
    "नमस्ते",
    "e\u0301te\u0301",
    "\N{TOMATO}\N{VARIATION SELECTOR-16}",
    "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}",
    # An emoji that is younger than this Python, and a flag that is spelt in tags.
    "\U0001fae8 \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
)
BAD: Final = (
    "a\x00b",
    "a\x1b[31mb",
    "a\nb",
    "a\tb",
    "a\x7fb",
    "a\x9bb",
    "a\u202eb",
    "a\u2066b",
    "a\u2028b",
    "a\ud800b",
)


@pytest.mark.parametrize("name", GOOD)
def test_a_name_is_whatever_people_write(name: str) -> None:
    assert check_name(f"  {name}\n") == name


@pytest.mark.parametrize("name", BAD)
def test_what_a_terminal_would_obey_is_refused_by_its_number(name: str) -> None:
    with pytest.raises(Invalid, match=rf"U\+{ord(name[1]):04X} is not allowed"):
        check_name(name)


@pytest.mark.parametrize("name", ["", " ", "\n\t"])
def test_a_name_is_not_empty(name: str) -> None:
    with pytest.raises(Invalid, match="must not be empty"):
        check_name(name)


def test_a_name_has_at_most_200_characters() -> None:
    assert len(check_name("x" * MAX_NAME)) == 200
    with pytest.raises(Invalid, match="has 201 characters, at most 200"):
        check_name("x" * 201)


@given(st.text(min_size=1, max_size=20) | st.characters())
def test_a_name_is_accepted_if_it_needs_no_cleaning(name: str) -> None:
    try:
        accepted = check_name(name)
    except Invalid:
        assert not name.strip() or clean(name.strip()) != name.strip()
    else:
        assert clean(accepted) == accepted


def test_a_text_may_have_lines_and_at_most_2000_characters() -> None:
    assert check_text("note", " first\nsecond \n") == "first\nsecond"
    with pytest.raises(Invalid, match=r"note: the control character U\+0009"):
        check_text("note", "a\tb")
    with pytest.raises(Invalid, match="note: has 2001 characters, at most 2000"):
        check_text("note", "x" * 2001)


@pytest.mark.parametrize(("count", "good"), [(-1, False), (0, True), (10_000, True), (10_001, False)])
def test_an_estimate_is_from_0_to_10000(count: int, good: bool) -> None:  # noqa: FBT001
    if good:
        assert check_count(count) == count
    else:
        with pytest.raises(Invalid, match="from 0 to 10000"):
            check_count(count)
