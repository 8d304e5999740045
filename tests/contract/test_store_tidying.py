"""What nobody will ask for any more is dropped as days go by, also by a daemon that is never restarted."""

from datetime import timedelta

import pytest

from pomo_daemon.adapters.db.store import ANSWERS_KEPT, CHANGES_KEPT, SqlStore
from tests.contract.conftest import new_user
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize("kept", [ANSWERS_KEPT, CHANGES_KEPT])
async def test_the_first_commit_of_a_day_drops_what_is_too_old(url: str, kept: timedelta) -> None:
    if not url:
        pytest.skip("the store in memory lives no longer than a test")
    clock = FakeClock()
    store = SqlStore(url, clock)

    async def is_there(user: int) -> bool:
        async with store.write():
            pass
        async with store.read() as unit:
            if kept == ANSWERS_KEPT:
                return await unit.requests.find(user, "r") is not None
            return bool(await unit.changes.latest(user, 1))

    try:
        user = await new_user(store)
        async with store.write() as unit:
            await unit.requests.remember(user, "r", clock.wall, {})
            await unit.changes.add(user, clock.wall, "start", ())
        clock.advance(kept)
        assert await is_there(user)
        # Later on the same day nothing is looked through.
        clock.advance(timedelta(minutes=1))
        assert await is_there(user)
        clock.advance(timedelta(days=1))
        assert not await is_there(user)
    finally:
        await store.close()
