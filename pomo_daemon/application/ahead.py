"""Things that take their time to be made: the next one is while the last one is used."""

from asyncio import Future
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

_T = TypeVar("_T")


@asynccontextmanager
async def ahead(make: Callable[[], Future[_T | None]]) -> AsyncIterator[AsyncIterator[_T]]:
    """Give what `make` begins to make, until it makes None; none is under way any more when `with` is left."""
    making = make()

    async def things() -> AsyncGenerator[_T, None]:
        nonlocal making
        while (it := await making) is not None:
            making = make()
            yield it

    given = things()
    try:
        yield given
    finally:
        await given.aclose()
        if not making.done():
            await making
