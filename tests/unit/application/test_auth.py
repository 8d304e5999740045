"""Registering, logging in and out, and who learns of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pomo_daemon.application.auth import Tokens
from pomo_daemon.application.timer import Identity
from pomo_daemon.domain.errors import (
    DomainError,
    Forbidden,
    Invalid,
    InvalidToken,
    LoginNotFound,
    LoginRequired,
    UserExists,
    WrongPassword,
)
from tests.fakes.auth import PASSWORD, PEER, FakeAuth

REVOKED = "login.revoked"


async def refusal(awaited: Awaitable[object]) -> tuple[type[DomainError], str]:
    """Answer how something was refused."""
    with pytest.raises(DomainError) as caught:
        await awaited
    return type(caught.value), caught.value.message


# Registering


async def test_whoever_registered_logs_in_by_name_or_address_whatever_their_case() -> None:
    auth = FakeAuth()
    made = await auth.service.register("Ada", "Ada@Example.org", PASSWORD)
    for name in ("Ada", "aDA", "ada@example.ORG"):
        tokens = await auth.login(name)
        assert tokens.username == "Ada"
        assert (await auth.who(tokens)).user_id == made.user_id
    assert (made.username, made.email) == ("Ada", "Ada@Example.org")


@pytest.mark.parametrize(
    ("username", "email"),
    [("ADA", "new@example.org"), ("eve", "ADA@example.org"), ("\u212aim", "new@example.org")],
)
async def test_a_name_or_an_address_that_is_taken_is_refused_and_costs_no_derivation(username: str, email: str) -> None:
    auth = FakeAuth()
    await auth.register("ada")
    await auth.register("kim")
    derived, rows = auth.passwords.derived, auth.memory.rows
    with pytest.raises(UserExists):
        await auth.service.register(username, email, PASSWORD)
    assert auth.passwords.derived == derived
    assert auth.memory.rows == rows


async def test_of_many_who_want_a_name_at_once_one_gets_it() -> None:
    auth = FakeAuth()
    found = await asyncio.gather(*(auth.register() for _ in range(10)), return_exceptions=True)
    assert sorted(type(it).__name__ for it in found) == ["UserExists"] * 9 + ["int"]


@pytest.mark.parametrize(
    "values", [("a@b", "a@b", PASSWORD), ("ada", "none", PASSWORD), ("ada", "a@b", "short"), ("", "a@b", PASSWORD)]
)
async def test_values_beyond_their_limits_make_no_account(values: tuple[str, str, str]) -> None:
    auth = FakeAuth()
    with pytest.raises(Invalid):
        await auth.service.register(*values)
    assert auth.memory.rows.users == {}


async def test_where_registration_is_closed_nobody_registers() -> None:
    auth = FakeAuth()
    auth.open = False
    with pytest.raises(Forbidden):
        await auth.register()
    assert auth.passwords.derived == 0


# Logging in


async def test_an_unknown_name_and_a_wrong_password_are_told_alike_and_cost_alike() -> None:
    auth = FakeAuth()
    await auth.register()
    await auth.peer(7, "socket")
    found = []
    for name, password in (("ada", "wrong horse"), ("nobody", PASSWORD), ("no@body", PASSWORD), ("socket", PASSWORD)):
        before = auth.passwords.derived
        found.append((await refusal(auth.login(name, password, peer=9)), auth.passwords.derived - before))
        auth.wait(hours=1)
    assert found == [((WrongPassword, "Name or password is wrong."), 1)] * 4


async def test_a_login_takes_one_derivation() -> None:
    auth = FakeAuth()
    await auth.register()
    before = auth.passwords.derived
    await auth.login()
    assert auth.passwords.derived == before + 1


async def test_a_login_is_announced_with_its_device_and_without_its_tokens() -> None:
    auth = FakeAuth()
    user = await auth.register()
    tokens = await auth.login()
    [event] = auth.published
    assert (event.user_id, event.seq, event.type) == (user, 1, "login.created")
    assert event.data == {"login_id": tokens.login_id, "device": "laptop"}


async def test_only_hashes_of_tokens_and_passwords_are_kept() -> None:
    auth = FakeAuth()
    await auth.register()
    first = await auth.login()
    second = await auth.service.refresh(first.refresh_token)
    kept = str({name: getattr(auth.memory.rows, name) for name in vars(auth.memory.rows)})
    kept += "".join(f"{login.access_hash}" for login in auth.memory.rows.logins.values())
    for secret in (PASSWORD, *_secrets(first), *_secrets(second)):
        assert secret not in kept
        assert secret not in repr((first, second))


def _secrets(tokens: Tokens) -> tuple[str, str]:
    return tokens.access_token, tokens.refresh_token


async def test_a_weak_hash_is_made_anew_at_login() -> None:
    auth = FakeAuth()
    user = await auth.register()
    weak = auth.memory.rows.users[user].password_hash
    auth.passwords.strength = 2
    await asyncio.gather(auth.login(), auth.login())
    strong = auth.memory.rows.users[user].password_hash
    assert strong is not None
    assert strong != weak
    assert strong.startswith("2:")
    before = auth.passwords.derived
    await auth.login()
    assert auth.passwords.derived == before + 1


async def test_a_password_that_was_changed_while_it_was_compared_opens_nothing() -> None:
    auth = FakeAuth()
    user = await auth.register()
    verify = auth.passwords.verify

    async def slow(password: str, stored: str | None) -> object:
        found = await verify(password, stored)
        async with auth.store.write() as unit:
            assert await unit.users.set_password(user, "another", was=stored)
        return found

    auth.passwords.verify = slow  # type: ignore[assignment,method-assign]  # in its midst somebody else is faster
    assert await refusal(auth.login()) == (WrongPassword, "Name or password is wrong.")
    assert auth.memory.rows.logins == {}


@pytest.mark.parametrize(("device", "password"), [("a\x1b[31m", PASSWORD), ("laptop", "x" * 1025)])
async def test_what_cannot_be_right_is_refused_without_a_derivation(device: str, password: str) -> None:
    auth = FakeAuth()
    await auth.register()
    before = auth.passwords.derived
    with pytest.raises(Invalid):
        await auth.service.login("ada", password, device, PEER)
    assert auth.passwords.derived == before


# Access tokens


async def test_an_access_token_lasts_15_minutes() -> None:
    auth = FakeAuth()
    user = await auth.register()
    tokens = await auth.login()
    assert await auth.who(tokens) == Identity(user, "ada", "default", tokens.login_id)
    auth.wait(minutes=15, microseconds=-1)
    assert auth.book.known(tokens.access_token) is not None
    auth.wait(microseconds=1)
    assert tokens.access_expires_at == auth.clock.wall
    assert auth.book.known(tokens.access_token) is None
    with pytest.raises(InvalidToken):
        await auth.who(tokens)


@pytest.mark.parametrize("token", ["", "-", "A" * 43, "\udcff", "x" * 10_000])
async def test_what_was_never_given_out_proves_nothing(token: str) -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    assert auth.book.known(token) is None
    for wrong in (token, tokens.refresh_token, tokens.access_token.swapcase()):
        with pytest.raises(InvalidToken):
            await auth.book.authenticate(wrong)
    for wrong in (token, tokens.access_token):
        with pytest.raises(InvalidToken):
            await auth.service.refresh(wrong)
    await auth.who(tokens)


# Ending logins


async def end_by_logout(auth: FakeAuth, tokens: Tokens) -> None:
    assert await auth.service.logout(await auth.who(tokens)) == tokens.login_id


async def end_by_revoke(auth: FakeAuth, tokens: Tokens) -> None:
    other = await auth.login()
    assert await auth.service.revoke(await auth.who(other), tokens.login_id) == tokens.login_id


async def end_by_passwd(auth: FakeAuth, tokens: Tokens) -> None:
    other = await auth.login()
    assert await auth.service.passwd(await auth.who(other), PASSWORD, "another horse", PEER) == 1
    await auth.who(other)
    assert tokens.login_id != other.login_id


async def end_by_replay(auth: FakeAuth, tokens: Tokens) -> None:
    await auth.service.refresh(tokens.refresh_token)
    auth.wait(seconds=21)
    with pytest.raises(InvalidToken):
        await auth.service.refresh(tokens.refresh_token)


@pytest.mark.parametrize(
    ("end", "reason"),
    [(end_by_logout, "logout"), (end_by_revoke, "revoked"), (end_by_passwd, "passwd"), (end_by_replay, "replayed")],
)
async def test_an_ended_login_is_over_at_once_and_whoever_listens_is_told(
    end: Callable[[FakeAuth, Tokens], Awaitable[None]], reason: str
) -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    await auth.who(tokens)
    await end(auth, tokens)
    assert auth.book.known(tokens.access_token) is None
    with pytest.raises(InvalidToken):
        await auth.who(tokens)
    with pytest.raises(InvalidToken):
        await auth.service.refresh(tokens.refresh_token)
    assert auth.ended == [tokens.login_id]
    revoked = [it.data for it in auth.published if it.type == REVOKED]
    assert revoked == [{"login_id": tokens.login_id, "device": "laptop", "reason": reason}]
    assert auth.memory.rows.logins[tokens.login_id].reason == reason


async def test_a_listener_that_fails_keeps_nobody_from_being_told(caplog: pytest.LogCaptureFixture) -> None:
    auth = FakeAuth()
    await auth.register()
    auth.book.on_revoked(lambda login_id: [][login_id])
    told: list[int] = []
    auth.book.on_revoked(told.append)
    tokens = await auth.login()
    await auth.service.logout(await auth.who(tokens))
    assert told == [tokens.login_id]
    assert "a listener failed" in caplog.text


async def test_a_peer_has_no_login_to_end() -> None:
    auth = FakeAuth()
    who = await auth.peer(7, "ada")
    found = await refusal(auth.service.logout(who))
    assert found == (LoginRequired, "There is no login to end; this is the peer login.")


async def test_logins_of_others_and_ended_ones_are_as_those_that_never_were() -> None:
    auth = FakeAuth()
    await auth.register("ada")
    await auth.register("eve")
    hers, ended, mine = await auth.login("ada"), await auth.login("eve"), await auth.login("eve")
    me = await auth.who(mine)
    await auth.service.revoke(me, ended.login_id)
    for number in (hers.login_id, ended.login_id, 999):
        assert await refusal(auth.service.revoke(me, number)) == (LoginNotFound, f"There is no login {number}.")
    await auth.who(hers)
    assert [it.login_id for it in await auth.service.logins(me)] == [mine.login_id]


async def test_a_failure_in_the_middle_ends_nothing_and_tells_nobody() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    who = await auth.who(tokens)
    told = list(auth.told)

    def crash() -> None:
        raise ConnectionError

    auth.memory.hooks["before_commit"] = crash
    with pytest.raises(ConnectionError):
        await auth.service.logout(who)
    auth.memory.hooks.clear()
    assert await auth.who(tokens) == who
    assert (auth.ended, auth.told) == ([], told)


async def test_where_only_the_answer_of_the_database_is_lost_the_token_is_over_all_the_same() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    who = await auth.who(tokens)

    def lost() -> None:
        raise ConnectionError

    auth.memory.hooks["after_commit"] = lost
    with pytest.raises(ConnectionError):
        await auth.service.logout(who)
    auth.memory.hooks.clear()
    assert auth.book.known(tokens.access_token) is None
    with pytest.raises(InvalidToken):
        await auth.who(tokens)


# Passwords


async def test_a_peer_sets_a_first_password_and_then_logs_in_with_it() -> None:
    auth = FakeAuth()
    who = await auth.peer(7, "ada")
    assert await auth.service.passwd(who, None, PASSWORD, 7) == 0
    assert (await auth.who(await auth.login())).user_id == who.user_id
    assert auth.told == [("user.password_changed", None), ("login.created", None)]


async def test_another_password_needs_the_old_one() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    who = await auth.who(tokens)
    assert (await refusal(auth.service.passwd(who, None, "another horse", PEER)))[0] is Invalid
    wrong = await refusal(auth.service.passwd(who, "wrong horse", "another horse", PEER))
    assert wrong == (WrongPassword, "The old password is wrong.")
    assert (await refusal(auth.service.passwd(who, PASSWORD, "short", PEER)))[0] is Invalid
    before = auth.passwords.derived
    await auth.service.passwd(who, PASSWORD, "another horse", PEER)
    assert auth.passwords.derived == before + 2
    assert (await refusal(auth.login()))[0] is WrongPassword
    await auth.login(password="another horse")


async def test_of_two_who_change_a_password_at_once_one_is_refused() -> None:
    auth = FakeAuth()
    who = await auth.peer(7, "ada")
    found = await asyncio.gather(
        auth.service.passwd(who, None, "first horse", 7),
        auth.service.passwd(who, None, "second horse", 7),
        return_exceptions=True,
    )
    assert sorted(type(it).__name__ for it in found) == ["WrongPassword", "int"]


async def test_whoami_knows_the_account_and_until_when_the_token_is_good() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    account, login = await auth.service.whoami(await auth.who(tokens))
    assert (account.username, account.email) == ("ada", "ada@example.org")
    assert login is not None
    assert login.access_expires_at == tokens.access_expires_at
    _, login = await auth.service.whoami(await auth.peer(7, "eve"))
    assert login is None
    with pytest.raises(InvalidToken):
        await auth.service.whoami(Identity(999, "gone", "default"))


# The timer's version and undo


async def test_a_login_is_no_change_that_could_be_undone() -> None:
    auth = FakeAuth()
    await auth.register()
    tokens = await auth.login()
    await auth.service.refresh(tokens.refresh_token)
    await auth.service.logout(await auth.who(await auth.login()))
    assert auth.memory.rows.changes == {}
    assert auth.memory.rows.requests == {}
