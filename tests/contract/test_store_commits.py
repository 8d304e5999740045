"""What every store keeps to: commits made during intervals."""

from dataclasses import replace

from pomo_daemon.application.ports import Store
from pomo_daemon.domain.commit import Commit
from tests.contract.samples import focus, minutes
from tests.fakes.clock import NOON

SHA = "0123456789abcdef0123456789abcdef01234567"


async def test_a_commit_is_kept_whole_and_once_for_its_owner(store: Store, user: int) -> None:
    async with store.write() as unit:
        other = await unit.users.of_peer(4711, "bob")
        interval = await unit.intervals.add(user, focus(0, 25))
        number = interval.interval_id or 0
        first = Commit(interval_id=number, sha=SHA, subject="A \N{TOMATO}", repository="/src/a b", at=NOON + minutes(2))
        earlier = replace(first, sha=SHA[::-1], at=NOON + minutes(1))
        await unit.commits.add(user, first)
        await unit.commits.add(user, earlier)
        await unit.commits.add(user, replace(first, subject="again"))
    async with store.read() as unit:
        assert await unit.commits.of(user, [number, 999]) == [earlier, first]
        assert await unit.commits.of(user, []) == []
        assert await unit.commits.of(other, [number]) == []


async def test_commits_outlive_an_interval_that_is_removed_and_comes_back(store: Store, user: int) -> None:
    async with store.write() as unit:
        interval = await unit.intervals.add(user, focus(0, 25))
        number = interval.interval_id or 0
        commit = Commit(interval_id=number, sha=SHA, subject="", repository="", at=NOON)
        await unit.commits.add(user, commit)
        await unit.intervals.remove(user, number)
        await unit.intervals.add(user, interval)
        assert await unit.commits.of(user, [number]) == [commit]
