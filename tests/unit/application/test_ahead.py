"""Things that are made ahead: one more than is used, and none behind one's back."""

import asyncio
from collections.abc import Iterator

import pytest

from pomo_daemon.application.ahead import ahead


class Maker:
    """Begins to make what it is told to make later; None behind the last one."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Future[int | None]] = []

    def __call__(self) -> asyncio.Future[int | None]:
        self.begun.append(asyncio.get_running_loop().create_future())
        return self.begun[-1]


async def test_the_next_one_is_made_while_the_last_one_is_used() -> None:
    make = Maker()
    async with ahead(make) as things:
        make.begun[0].set_result(7)
        async for it in things:
            assert (it, len(make.begun)) == (7, 2)
            make.begun[1].set_result(None)
    assert len(make.begun) == 2


async def test_whoever_leaves_waits_for_what_is_under_way() -> None:
    make = Maker()

    async def use() -> None:
        async with ahead(make) as things:
            async for _ in things:
                raise LookupError

    using = asyncio.ensure_future(use())
    await asyncio.sleep(0)
    make.begun[0].set_result(7)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (len(make.begun), using.done()) == (2, False)
    make.begun[1].set_result(8)
    with pytest.raises(LookupError):
        await using
    assert len(make.begun) == 2


async def test_what_fails_to_be_made_is_raised_where_it_is_wanted() -> None:
    made: Iterator[int] = iter((1, 2))

    def fetch() -> int | None:
        for it in made:
            return it
        raise OSError("the disk is full")

    async with ahead(lambda: asyncio.get_running_loop().run_in_executor(None, fetch)) as things:
        assert [await anext(things), await anext(things)] == [1, 2]
        with pytest.raises(OSError, match="full"):
            await anext(things)
