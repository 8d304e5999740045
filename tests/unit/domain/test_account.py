"""The limits of names, addresses and passwords."""

from itertools import islice
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pomo_daemon.domain.account import (
    Account,
    check_device,
    check_email,
    check_password,
    check_username,
    fold,
    peer_names,
)
from pomo_daemon.domain.errors import Invalid


@pytest.mark.parametrize("name", ["a", "Ada Lovelace", "ada-1", "Ärger", "日本", "x" * 64])
def test_a_username_stays_as_it_is(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("", "empty"),
        ("x" * 65, "has 65 characters, at most 64"),
        (" ada", "space"),
        ("ada\t", "space"),
        ("a\nb", "U\\+000A"),
        ("a\x1bb", "U\\+001B"),
        ("a\u202eb", "U\\+202E"),
        ("a\ud800", "U\\+D800"),
        ("ada@example.org", "'@'"),
    ],
)
def test_a_username_that_is_none_is_refused_with_the_limit(name: str, limit: str) -> None:
    with pytest.raises(Invalid, match=f"username: .*{limit}"):
        check_username(name)


@pytest.mark.parametrize("email", ["a@b", "Ada.L+pomo@Example.ORG", "ü@münchen.de", "a" * 242 + "@example.org"])
def test_an_address_keeps_its_case(email: str) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "a@b c",
        " a@b",
        "a@b\n",
        "a\x00@b",
        "a\u00a0@b",
        "a" * 243 + "@example.org",
    ],
)
def test_an_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(Invalid, match="email: "):
        check_email(email)


def test_a_password_has_a_shortest_and_a_longest_length_and_is_never_cut() -> None:
    for password in ("x" * 8, "x" * 1024, "\N{TOMATO}" * 1024, " \x00\n\t123 "):
        assert check_password(password) == password
    with pytest.raises(Invalid, match=r"password: .* 8 characters"):
        check_password("x" * 7)
    with pytest.raises(Invalid, match=r"password: .* 1024 characters"):
        check_password("x" * 1025)
    with pytest.raises(Invalid, match=r"password: .*UTF-8"):
        check_password("x" * 8 + "\ud800")


def test_an_error_does_not_repeat_the_password() -> None:
    with pytest.raises(Invalid) as caught:
        check_password("tomato!")
    assert "tomato" not in caught.value.message


def test_a_device_is_cut_to_its_limit_and_may_be_unnamed() -> None:
    assert check_device("  laptop ") == "laptop"
    assert check_device("") == ""
    assert check_device("x" * 500) == "x" * 100
    with pytest.raises(Invalid, match="device: "):
        check_device("a\x1b[31m")


@pytest.mark.parametrize(("one", "other"), [("Ada", "aDA"), ("ÄRGER", "ärger"), ("e\u0301", "\u00c9"), ("\u212a", "k")])
def test_names_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
@example("\u212aim")
def test_only_names_of_ascii_are_the_same_as_one_of_ascii(name: str) -> None:
    """The database may be asked by its index, which knows the case of ASCII alone."""
    assert normalize("NFC", name).isascii() or not fold(name).isascii()


def test_there_is_always_a_name_left_for_an_os_user() -> None:
    assert list(islice(peer_names("ada", 7), 4)) == ["ada", "ada-7", "ada-7-2", "ada-7-3"]
    assert [len(name) for name in islice(peer_names("x" * 200, 7), 4)] == [64] * 4


def test_an_account_does_not_show_its_hash() -> None:
    assert "secret" not in repr(Account(user_id=1, username="ada", password_hash="secret"))
