"""What whatever compares passwords keeps to; and what the real one costs."""

import asyncio
import threading
from typing import Any

import argon2.low_level
import pytest

from pomo_daemon.adapters.passwords import Argon2Passwords
from pomo_daemon.application.ports import Passwords, Verdict
from tests.fakes.secrets import FakePasswords


@pytest.fixture(params=[Argon2Passwords, FakePasswords])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    made: Passwords = request.param()
    return made


@pytest.mark.parametrize("password", ["correct horse", "x" * 1024, "\N{TOMATO}" * 1024, "a\x00bcdefgh", " spaces "])
async def test_a_password_is_right_to_its_last_character(passwords: Passwords, password: str) -> None:
    stored = await passwords.hash(password)
    assert await passwords.verify(password, stored) == Verdict(ok=True)
    assert await passwords.verify(password[:-1], stored) == Verdict(ok=False)
    assert await passwords.verify(password + "x", stored) == Verdict(ok=False)
    assert password not in stored
    assert len(stored) <= 255


async def test_where_nothing_is_stored_nothing_is_right(passwords: Passwords) -> None:
    assert await passwords.verify("", None) == Verdict(ok=False)
    assert await passwords.verify("correct horse", None) == Verdict(ok=False)


async def test_the_same_password_is_stored_in_another_way_each_time() -> None:
    passwords = Argon2Passwords()
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_the_hash_is_argon2id_as_owasp_asks_for() -> None:
    assert (await Argon2Passwords().hash("correct horse")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_weaker_hash_is_made_anew_when_its_password_was_right() -> None:
    weak = await Argon2Passwords(memory_kib=8192).hash("correct horse")
    today = Argon2Passwords()
    assert await today.verify("wrong horse", weak) == Verdict(ok=False)
    verdict = await today.verify("correct horse", weak)
    assert verdict.ok
    assert verdict.new_hash is not None
    assert await today.verify("correct horse", verdict.new_hash) == Verdict(ok=True)
    assert "correct" not in repr(verdict)
    assert verdict.new_hash not in repr(verdict)


@pytest.fixture
def derivations(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the calls into Argon2 itself, and how many of them are under way together."""
    seen = {"calls": 0, "now": 0, "most": 0}
    turn = threading.Lock()

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            with turn:
                seen["calls"] += 1
                seen["now"] += 1
                seen["most"] = max(seen["most"], seen["now"])
            try:
                return function(*args, **kwargs)
            finally:
                with turn:
                    seen["now"] -= 1

        return call

    for name in ("hash_secret", "verify_secret"):
        monkeypatch.setattr(argon2.low_level, name, counted(getattr(argon2.low_level, name)))
    return seen


async def test_each_path_takes_one_derivation_from_the_first_call_on(derivations: dict[str, int]) -> None:
    stored = await Argon2Passwords().hash("correct horse")
    for password, known in (("correct horse", stored), ("wrong horse", stored), ("correct horse", None)):
        derivations["calls"] = 0
        await Argon2Passwords().verify(password, known)
        assert derivations["calls"] == 1


async def test_no_more_than_two_are_derived_at_once_and_the_loop_goes_on(derivations: dict[str, int]) -> None:
    passwords = Argon2Passwords()
    waiting = asyncio.gather(*(passwords.verify("correct horse", None) for _ in range(12)))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0)
        turns += 1
    await waiting
    assert derivations == {"calls": 12, "now": 0, "most": 2}
    assert turns > 100
