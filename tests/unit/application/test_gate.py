"""After wrong passwords one waits; nobody makes others wait, and nobody gets around it."""

import asyncio

import pytest

from pomo_daemon.domain.errors import TooManyAttempts, WrongPassword
from tests.fakes.auth import PASSWORD, FakeAuth


async def try_wrong(auth: FakeAuth, name: str = "ada", *, peer: int = 9) -> str:
    """Try a wrong password; answer `looked at`, or what was said instead."""
    before = auth.passwords.derived
    try:
        await auth.login(name, "wrong horse", peer=peer)
    except WrongPassword:
        assert auth.passwords.derived == before + 1
        return "looked at"
    except TooManyAttempts as refusal:
        assert auth.passwords.derived == before
        return refusal.message
    raise AssertionError


def wait(seconds: int) -> str:
    return f"Too many attempts: try again in {seconds} {'second' if seconds == 1 else 'seconds'}."


@pytest.mark.parametrize("name", ["ada", "ADA", "nobody", "no@body"])
async def test_three_failures_are_free_and_then_the_delay_doubles(name: str) -> None:
    auth = FakeAuth()
    await auth.register()
    for _ in range(3):
        assert await try_wrong(auth, name) == "looked at"
    for delay in (1, 2, 4, 8, 16, 32):
        # Refused attempts neither count nor cost; a part of a second is still one to wait for.
        for _ in range(3):
            assert await try_wrong(auth, name) == wait(delay)
        auth.wait(seconds=delay, microseconds=-1)
        assert await try_wrong(auth, name) == wait(1)
        auth.wait(microseconds=1)
        assert await try_wrong(auth, name) == "looked at"


async def test_the_delay_of_an_account_ends_at_a_minute_and_that_of_a_peer_at_a_quarter_of_an_hour() -> None:
    auth = FakeAuth()
    await auth.register()
    for peer in range(100, 120):
        await try_wrong(auth, peer=peer)
        auth.wait(minutes=1)
    await try_wrong(auth, peer=200)
    assert await try_wrong(auth, peer=201) == wait(60)
    for number in range(20):
        await try_wrong(auth, f"nobody{number}", peer=300)
        auth.wait(minutes=15)
    await try_wrong(auth, "nobody", peer=300)
    assert await try_wrong(auth, "somebody", peer=300) == wait(900)


async def test_the_right_password_has_to_wait_as_well_and_then_all_is_forgotten() -> None:
    auth = FakeAuth()
    await auth.register()
    for _ in range(3):
        await try_wrong(auth)
    with pytest.raises(TooManyAttempts):
        await auth.login(peer=9)
    auth.wait(seconds=1)
    await auth.login(peer=9)
    assert auth.memory.rows.attempts == {}


async def test_one_peer_who_tries_many_names_waits_and_others_do_not() -> None:
    auth = FakeAuth()
    await auth.register()
    for name in ("one", "two", "three"):
        await try_wrong(auth, name, peer=9)
    assert await try_wrong(auth, "four", peer=9) == wait(1)
    assert await try_wrong(auth, "four", peer=10) == "looked at"


async def test_to_log_in_to_ones_own_account_buys_no_guesses_at_others() -> None:
    auth = FakeAuth()
    await auth.register("eve")
    for name in ("one", "two"):
        await try_wrong(auth, name, peer=9)
    await try_wrong(auth, "eve", peer=9)
    auth.wait(seconds=1)
    await auth.login("eve", peer=9)
    await try_wrong(auth, "three", peer=9)
    assert await try_wrong(auth, "four", peer=9) == wait(1)


async def locked_by_a_stranger(auth: FakeAuth) -> None:
    for _ in range(12):
        await try_wrong(auth, peer=666)
        auth.wait(minutes=15)
    await try_wrong(auth, peer=666)
    with pytest.raises(TooManyAttempts):
        await auth.login(peer=9)


async def test_nobody_locks_out_whoever_owns_the_account_by_the_socket() -> None:
    auth = FakeAuth()
    who = await auth.peer(7, "ada")
    await auth.service.passwd(who, None, PASSWORD, 7)
    await locked_by_a_stranger(auth)
    await auth.login(peer=7)


async def test_nobody_locks_out_an_os_user_who_is_logged_in() -> None:
    auth = FakeAuth()
    await auth.register()
    await auth.login(peer=7)
    await locked_by_a_stranger(auth)
    await auth.login(peer=7)


async def test_an_ended_login_opens_no_way_around() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login(peer=7)
    await auth.service.logout(await auth.who(tokens))
    await locked_by_a_stranger(auth)
    with pytest.raises(TooManyAttempts):
        await auth.login(peer=7)


async def test_the_owner_waits_for_what_came_from_the_own_socket() -> None:
    auth = FakeAuth()
    who = await auth.peer(7, "ada")
    await auth.service.passwd(who, None, PASSWORD, 7)
    for _ in range(3):
        await try_wrong(auth, peer=7)
    assert await try_wrong(auth, peer=7) == wait(1)


async def test_guesses_at_an_old_password_count_too() -> None:
    auth = FakeAuth()
    await auth.register()
    who = await auth.who(await auth.login(peer=9))
    for _ in range(3):
        with pytest.raises(WrongPassword):
            await auth.service.passwd(who, "wrong horse", "another horse", 9)
    with pytest.raises(TooManyAttempts):
        await auth.service.passwd(who, PASSWORD, "another horse", 9)


async def test_of_a_hundred_guesses_sent_at_once_three_are_looked_at() -> None:
    auth = FakeAuth()
    await auth.register()
    before = auth.passwords.derived
    said = await asyncio.gather(
        *(auth.login("ada", f"wrong horse {i}", peer=9) for i in range(100)), return_exceptions=True
    )
    assert sum(isinstance(it, WrongPassword) for it in said) == 3
    assert sum(isinstance(it, TooManyAttempts) for it in said) == 97
    assert auth.passwords.derived == before + 3


async def test_failures_outlive_the_daemon_and_name_nobody() -> None:
    auth = FakeAuth()
    await auth.register()
    for _ in range(3):
        await try_wrong(auth)
    heir = FakeAuth(auth.memory, auth.clock)
    assert await try_wrong(heir) == wait(1)
    assert "ada" not in str(auth.memory.rows.attempts)


async def test_failures_of_yesterday_are_forgotten_and_their_rows_go() -> None:
    auth = FakeAuth()
    await auth.register()
    for name in ("ada", "one", "two"):
        await try_wrong(auth, name)
    auth.wait(days=1, microseconds=1)
    assert await try_wrong(auth) == "looked at"
    assert len(auth.memory.rows.attempts) == 2
