"""What is known of access tokens in memory."""

import asyncio

import pytest

from pomo_daemon.application import loginbook
from pomo_daemon.domain.errors import InvalidToken
from tests.fakes.auth import FakeAuth


async def test_a_token_that_is_known_needs_no_database() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    assert auth.book.known(tokens.access_token) is None
    found = await auth.book.authenticate(tokens.access_token)
    auth.memory.failing = True
    assert auth.book.known(tokens.access_token) is found
    assert await auth.book.authenticate(tokens.access_token) is found
    assert (found.login_id, found.expires_at) == (tokens.login_id, tokens.access_expires_at)


async def test_a_refresh_makes_the_token_before_it_worthless_at_once() -> None:
    auth = FakeAuth()
    await auth.register()
    first = await auth.login()
    await auth.who(first)
    second = await auth.service.refresh(first.refresh_token)
    assert auth.book.known(first.access_token) is None
    with pytest.raises(InvalidToken):
        await auth.who(first)
    assert (await auth.who(second)).login_id == first.login_id


async def test_what_was_looked_up_while_it_was_ended_is_not_kept() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    me = await auth.who(tokens)
    heir = FakeAuth(auth.memory, auth.clock)
    reached, go_on = asyncio.Event(), asyncio.Event()
    read = auth.memory.read

    def slow() -> object:
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def transaction():  # type: ignore[no-untyped-def]  # noqa: ANN202
            async with read() as unit:
                yield unit
                reached.set()
                await go_on.wait()

        return transaction()

    auth.memory.read = slow  # type: ignore[assignment,method-assign]  # as a database that answers late
    looking = asyncio.ensure_future(heir.who(tokens))
    await reached.wait()
    auth.memory.read = read  # type: ignore[method-assign]
    await heir.service.logout(me)
    go_on.set()
    with pytest.raises(InvalidToken):
        await looking
    assert heir.book.known(tokens.access_token) is None


async def test_memory_holds_those_that_were_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loginbook, "KEPT", 3)
    auth = FakeAuth()
    await auth.register()
    tokens = [await auth.login() for _ in range(4)]
    for it in tokens[:3]:
        await auth.who(it)
    assert auth.book.known(tokens[0].access_token) is not None
    await auth.who(tokens[3])
    assert [auth.book.known(it.access_token) is not None for it in tokens] == [True, False, True, True]
    # What memory let go of is as good as before.
    await auth.who(tokens[1])


async def test_a_token_of_another_user_is_another_token() -> None:
    auth = FakeAuth()
    ada, eve = await auth.register("ada"), await auth.register("eve")
    hers, mine = await auth.login("ada"), await auth.login("eve")
    assert ((await auth.who(hers)).user_id, (await auth.who(mine)).user_id) == (ada, eve)
    await auth.service.logout(await auth.who(mine))
    assert auth.book.known(hers.access_token) is not None
