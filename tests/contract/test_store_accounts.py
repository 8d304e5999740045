"""What every store keeps to: accounts, their logins, failed attempts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pomo_daemon.application.ports import LoginRecord, RefreshRecord, Store, StoreError, TimerRecord
from pomo_daemon.domain.account import Account
from pomo_daemon.domain.throttle import Attempts
from pomo_daemon.domain.timer import Timer
from tests.contract.samples import MICROSECOND, UIDS, minutes
from tests.fakes.clock import NOON


def unique(name: str) -> str:
    return f"{name}{next(UIDS)}"


async def registered(store: Store, username: str) -> Account:
    async with store.write() as unit:
        made = await unit.users.add(username, f"{username}@Example.org", "hash")
    assert made is not None
    return made


def login(user: int, **values: object) -> LoginRecord:
    made = LoginRecord(
        user_id=user,
        device="laptop",
        peer_uid=1000,
        created_at=NOON,
        last_used_at=NOON + MICROSECOND,
        access_hash=unique("access"),
        access_expires_at=NOON + minutes(15),
        expires_at=NOON + timedelta(days=30),
    )
    return replace(made, **values)  # type: ignore[arg-type]  # whatever field a test changes


# Accounts


async def test_an_account_is_kept_whole_with_an_idle_timer(store: Store) -> None:
    name = unique("Ada")
    made = await registered(store, name)
    async with store.read() as unit:
        assert made == Account(
            user_id=made.user_id, username=name, email=f"{name}@Example.org", password_hash="hash", peer_uid=None
        )
        assert await unit.users.get(made.user_id) == made
        assert await unit.timers.load(made.user_id) == TimerRecord(made.user_id, 0, Timer())
        assert await unit.users.get(2**31) is None


async def test_an_account_is_found_by_name_and_by_address_whatever_their_case(store: Store) -> None:
    name = unique("ÄRGER")
    made = await registered(store, name)
    async with store.read() as unit:
        for found in (name, name.lower(), f"{name}@EXAMPLE.org", f"{name.lower()}@example.ORG", "A\u0308" + name[1:]):
            assert await unit.users.named(found) == made
        assert await unit.users.named(f"{name}x") is None
        assert await unit.users.named("") is None
        assert await unit.users.named("%") is None


async def test_a_name_finds_its_user_before_whoever_has_it_as_an_address(store: Store) -> None:
    address = f"{unique('ada')}@corp"
    async with store.write() as unit:
        await unit.users.add(unique("eve"), address, "hash")
        peer = await unit.users.of_peer(next(UIDS), address)
        # An OS user of that name does not take the place of the one who has the address.
        assert (found := await unit.users.get(peer)) is not None
        assert found.username != address
        assert found.username.startswith(address)


@pytest.mark.parametrize("taken", ["username", "email"])
async def test_a_name_and_an_address_are_given_once_whatever_their_case(store: Store, taken: str) -> None:
    made = await registered(store, unique("Ada"))
    username = made.username.upper() if taken == "username" else unique("eve")
    email = f"{unique('eve')}@example.org" if taken == "username" else (made.email or "").upper()
    async with store.write() as unit:
        assert await unit.users.add(username, email, "hash") is None
        # Nor where it is somebody's in the other sense: a name must mean one user.
        assert await unit.users.add(unique("eve"), made.username, "hash") is None


async def test_an_os_user_whose_names_are_all_taken_gets_another(store: Store) -> None:
    uid = next(UIDS)
    name = unique("ada")
    for squatted in (name, f"{name}-{uid}", f"{name}-{uid}-2"):
        await registered(store, squatted)
    async with store.write() as unit:
        found = await unit.users.get(await unit.users.of_peer(uid, name))
    assert found is not None
    assert (found.username, found.peer_uid) == (f"{name}-{uid}-3", uid)


async def test_an_os_user_of_an_endless_name_gets_an_account(store: Store) -> None:
    async with store.write() as unit:
        for _ in range(2):
            assert await unit.users.get(await unit.users.of_peer(next(UIDS), "x" * 300)) is not None


async def test_a_password_is_changed_only_by_whoever_knows_what_it_was(store: Store) -> None:
    made = await registered(store, unique("ada"))
    async with store.write() as unit:
        assert not await unit.users.set_password(made.user_id, "new", was="other")
        assert not await unit.users.set_password(made.user_id, "new", was=None)
        assert await unit.users.get(made.user_id) == made
        assert await unit.users.set_password(made.user_id, "new", was="hash")
        assert await unit.users.get(made.user_id) == replace(made, password_hash="new")


async def test_an_account_without_a_password_gets_its_first(store: Store, user: int) -> None:
    async with store.write() as unit:
        assert await unit.users.set_password(user, "new", was=None)
        assert not await unit.users.set_password(user, "newer", was=None)
        found = await unit.users.get(user)
    assert found is not None
    assert found.password_hash == "new"


# Logins


async def test_a_login_is_kept_whole(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.logins.add(login(user, peer_uid=None, device=""))
        assert made.login_id
        assert await unit.logins.get(made.login_id) == made
        assert await unit.logins.by_access(made.access_hash) == made
        renewed = replace(
            made,
            last_used_at=NOON + minutes(1),
            access_hash=unique("access"),
            access_expires_at=NOON + minutes(16),
            expires_at=NOON + timedelta(days=31),
        )
        await unit.logins.renew(renewed)
    async with store.read() as unit:
        assert await unit.logins.get(made.login_id) == renewed
        assert await unit.logins.by_access(made.access_hash) is None
        assert await unit.logins.get(2**31) is None


async def test_logins_that_last_are_listed_oldest_first(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        first = await unit.logins.add(login(user))
        await unit.logins.add(login(other))
        ended = await unit.logins.add(login(user))
        await unit.logins.end(ended.login_id, NOON, "revoked")
        soon = await unit.logins.add(login(user, expires_at=NOON + minutes(1)))
        assert await unit.logins.of_user(user, NOON) == [first, soon]
        assert await unit.logins.of_user(user, NOON + minutes(1)) == [first]


async def test_what_was_ended_is_told_from_what_lasts_and_its_refresh_tokens_are_gone(store: Store, user: int) -> None:
    async with store.write() as unit:
        made, stays = await unit.logins.add(login(user)), await unit.logins.add(login(user))
        gone, kept = unique("refresh"), unique("refresh")
        for token_hash, it in ((gone, made), (kept, stays)):
            await unit.logins.issue(
                RefreshRecord(token_hash=token_hash, login_id=it.login_id, issued_at=NOON, expires_at=it.expires_at)
            )
        await unit.logins.end(made.login_id, NOON + minutes(1), "replayed")
    async with store.read() as unit:
        found = await unit.logins.get(made.login_id)
        assert found == replace(made, revoked_at=NOON + minutes(1), reason="replayed")
        assert not found.lives(NOON)
        assert await unit.logins.by_access(made.access_hash) == found
        assert await unit.logins.refresh_token(gone) is None
        assert await unit.logins.refresh_token(kept) is not None


async def test_a_refresh_token_is_kept_with_what_follows_it(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.logins.add(login(user))
        token = RefreshRecord(
            token_hash=unique("refresh"), login_id=made.login_id, issued_at=NOON, expires_at=NOON + minutes(9)
        )
        await unit.logins.issue(token)
        assert await unit.logins.refresh_token(token.token_hash) == token
        await unit.logins.spend(token.token_hash, NOON + MICROSECOND, bytes(range(32)))
    async with store.read() as unit:
        spent = replace(token, spent_at=NOON + MICROSECOND, seed=bytes(range(32)))
        assert await unit.logins.refresh_token(token.token_hash) == spent
        assert await unit.logins.refresh_token(unique("refresh")) is None


async def test_no_token_is_given_out_twice(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.logins.add(login(user))
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.logins.add(login(user, access_hash=made.access_hash))


# Failed attempts


async def test_failures_are_counted_by_key_and_taken_back(store: Store) -> None:
    key, other = unique("key"), unique("key")
    async with store.write() as unit:
        assert await unit.attempts.of(key) is None
        await unit.attempts.forgive(key, 1)
        for minute in range(3):
            await unit.attempts.fail(key, NOON + minutes(minute))
        await unit.attempts.fail(other, NOON)
    async with store.write() as unit:
        assert await unit.attempts.of(key) == Attempts(3, NOON + minutes(2))
        await unit.attempts.forgive(key, 1)
        assert await unit.attempts.of(key) == Attempts(2, NOON + minutes(2))
        await unit.attempts.forgive(key, 5)
        assert await unit.attempts.of(key) is None
        assert await unit.attempts.of(other) == Attempts(1, NOON)


async def test_old_failures_are_forgotten(store: Store) -> None:
    old, young = unique("key"), unique("key")
    async with store.write() as unit:
        await unit.attempts.fail(old, NOON - minutes(1) - MICROSECOND)
        await unit.attempts.fail(young, NOON - minutes(1))
        await unit.attempts.prune(NOON - minutes(1))
        assert await unit.attempts.of(old) is None
        assert await unit.attempts.of(young) is not None
