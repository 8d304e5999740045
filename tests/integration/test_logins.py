"""Logins on the real databases: many at once, and what an attacker finds in the file."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.auth import Tokens
from pomo_daemon.application.ports import Store
from pomo_daemon.domain.errors import InvalidToken, TooManyAttempts, UserExists, WrongPassword
from pomo_daemon.domain.tokens import digest
from tests.fakes.auth import PASSWORD, FakeAuth
from tests.fakes.clock import FakeClock
from tests.fakes.databases import ready_file

#: Longer than a spent refresh token is answered again.
GRACE_OVER = timedelta(seconds=21)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return ready_file(f"{tmp_path}/pomo.db")
    made: str = request.getfixturevalue("ready_url")
    return made


@pytest.fixture
async def machines(url: str) -> AsyncIterator[tuple[FakeAuth, FakeAuth]]:
    """Give two daemons on one database, as two machines are. Only one store at a time writes to a file of SQLite."""
    clock = FakeClock()
    one = SqlStore(url, clock)
    other = one if url.startswith("sqlite") else SqlStore(url, clock)
    both = FakeAuth(one, clock, "one"), FakeAuth(other, clock, "two")
    yield both
    # As a daemon does: what looks after the other machine's changes still reads.
    for machine in both:
        await machine.timers.drain()
    for store in {one, other}:
        await store.close()


async def refresh_tokens(store: Store, tokens: list[Tokens]) -> int:
    """Count which of these still are, or were, refresh tokens."""
    async with store.read() as unit:
        return sum([await unit.logins.refresh_token(digest(it.refresh_token)) is not None for it in tokens])


async def test_20_refreshes_at_once_have_one_successor_and_log_nobody_out(machines: tuple[FakeAuth, FakeAuth]) -> None:
    one, two = machines
    await one.register()
    first = await one.login()
    answers = await asyncio.gather(
        *(machine.service.refresh(first.refresh_token) for _ in range(10) for machine in machines)
    )
    assert len(answers) == 20
    assert len(set(answers)) == 1
    for machine in machines:
        assert (await machine.who(answers[0])).login_id == first.login_id
    assert one.ended == two.ended == []
    assert await refresh_tokens(one.store, [first, answers[0]]) == 2


async def test_a_replay_on_another_machine_ends_the_login_on_both(machines: tuple[FakeAuth, FakeAuth]) -> None:
    one, two = machines
    await one.register()
    first = await one.login()
    second = await two.service.refresh(first.refresh_token)
    one.wait(seconds=21)
    found = await asyncio.gather(
        *(machine.service.refresh(first.refresh_token) for _ in range(5) for machine in machines),
        return_exceptions=True,
    )
    assert {type(it) for it in found} == {InvalidToken}
    assert one.ended + two.ended == [first.login_id]
    with pytest.raises(InvalidToken):
        await two.service.refresh(second.refresh_token)
    with pytest.raises(InvalidToken):
        await one.who(second)


async def test_of_many_who_register_a_name_at_once_one_gets_it(machines: tuple[FakeAuth, FakeAuth]) -> None:
    found = await asyncio.gather(
        *(machine.register("Ada") for _ in range(4) for machine in machines),
        return_exceptions=True,
    )
    assert sorted(type(it).__name__ for it in found) == [UserExists.__name__] * 7 + ["int"]


async def test_logins_refreshes_and_ends_at_once_get_through(machines: tuple[FakeAuth, FakeAuth]) -> None:
    one, two = machines
    await one.register()
    kept = [await machine.login() for machine in machines for _ in range(3)]
    who = await one.who(kept[0])
    works = [machine.service.refresh(it.refresh_token) for it in kept[1:] for machine in machines]
    works += [one.login(), two.login()]
    *said, ended = await asyncio.gather(
        *works, one.service.passwd(who, PASSWORD, "another horse", 1), return_exceptions=True
    )
    assert {type(it) for it in said} <= {Tokens, InvalidToken, WrongPassword}
    assert isinstance(ended, int)
    lasting = {it.login_id for it in await one.service.logins(who)}
    assert kept[0].login_id in lasting
    # Whoever logged in with the old password after it was changed would be here.
    assert lasting == {kept[0].login_id}


async def test_what_expired_is_dropped_with_the_first_commit_of_a_day(machines: tuple[FakeAuth, FakeAuth]) -> None:
    one, _ = machines
    await one.register()
    old = await one.login()
    one.wait(days=29)
    young = await one.login()
    renewed = await one.service.refresh(old.refresh_token)
    one.wait(days=2)
    await one.register("eve")
    assert await refresh_tokens(one.store, [old, young, renewed]) == 2
    one.wait(days=29)
    await one.register("kim")
    async with one.store.read() as unit:
        assert await unit.logins.get(young.login_id) is None
        assert await unit.logins.get(renewed.login_id) is None


async def test_no_password_and_no_token_is_in_the_database_or_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pomo_daemon")
    ready_file(f"{tmp_path}/pomo.db")
    clock = FakeClock()
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path}/pomo.db", clock)
    auth = FakeAuth(store, clock)
    await auth.register()
    first = await auth.login()
    second = await auth.service.refresh(first.refresh_token)
    who = await auth.who(second)
    await auth.service.passwd(who, PASSWORD, "canary horse", 5000)
    for number in range(4):
        with pytest.raises((WrongPassword, TooManyAttempts)):
            await auth.login("canary name", f"canary guess {number}")
    clock.advance(GRACE_OVER)
    with pytest.raises(InvalidToken):
        await auth.service.refresh(first.refresh_token)
    with pytest.raises(UserExists):
        await auth.register()
    # Read before the log is merged into the file, and after.
    found = _bytes_below(tmp_path)
    await store.close()
    found += _bytes_below(tmp_path) + caplog.text.encode()
    assert b"laptop" in found
    for secret in (PASSWORD, "canary", *_secrets(first), *_secrets(second)):
        assert secret.encode() not in found


def _secrets(tokens: Tokens) -> tuple[str, str]:
    return tokens.access_token, tokens.refresh_token


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
