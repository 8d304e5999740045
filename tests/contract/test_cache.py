"""What every cache keeps to; and the one on Redis, on a server that dies, freezes and comes back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from pomo_daemon.adapters.memory_cache import MemoryCache
from pomo_daemon.adapters.redis import cache as redis_cache
from pomo_daemon.adapters.redis.cache import RedisCache
from pomo_daemon.application.cache import Cache
from tests.fakes.servers import Valkey

#: What a frozen server may cost the one who meets it first, on a machine that has other things to do.
MET_S = redis_cache.PATIENCE + 0.1


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache()
        return
    valkey: Valkey = request.getfixturevalue("valkey")
    opened = RedisCache(valkey.url, f"{request.node.name}:")
    yield opened
    await opened.close()


def works(cache: Cache) -> bool:
    return cache.working


async def put(cache: Cache, key: str, value: bytes) -> None:
    """Put a value, and wait until it is there."""
    for _ in range(1000):
        cache.put(key, value)
        if await cache.get(key) == value:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{key} was never there")


async def test_what_was_put_is_found_and_nothing_else(cache: Cache) -> None:
    assert await cache.get("a") is None
    await put(cache, "a", b"\x00one")
    await put(cache, "b", b"")
    await put(cache, "a", b"two")
    assert (await cache.get("a"), await cache.get("b"), await cache.get("c")) == (b"two", b"", None)
    assert works(cache)


async def test_looks_are_counted(cache: Cache) -> None:
    await cache.get("a")
    missed = cache.hits.missed
    assert (cache.hits.found, missed) == (0, 1)
    await put(cache, "a", b"1")
    before = cache.hits.found
    await cache.get("a")
    assert cache.hits.found == before + 1


async def test_what_is_too_large_is_not_kept(cache: Cache) -> None:
    cache.put("a", bytes(5 * 1024 * 1024))
    await put(cache, "b", b"1")
    assert await cache.get("a") is None


async def test_memory_forgets_what_was_not_used_for_longest() -> None:
    cache = MemoryCache(room=40)
    for key in ("a", "b", "c", "d"):
        cache.put(key, bytes(10))
    await cache.get("a")
    cache.put("e", bytes(10))
    assert [await cache.get(it) is not None for it in "abcde"] == [True, False, True, True, True]


async def test_two_programs_do_not_meet_in_one_redis(valkey: Valkey) -> None:
    old, new = RedisCache(valkey.url, "1:"), RedisCache(valkey.url, "2:")
    await put(old, "a", b"old")
    assert await new.get("a") is None
    await old.close()
    await new.close()


async def test_a_frozen_redis_is_waited_for_once_and_used_again_when_it_thaws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Valkey() as server:
        cache = RedisCache(server.url, "x:")
        await put(cache, "a", b"1")
        server.signal(signal.SIGSTOP)
        began = time.perf_counter()
        assert await cache.get("a") is None
        assert time.perf_counter() - began < MET_S
        assert not works(cache)
        began = time.perf_counter()
        for _ in range(1000):
            assert await cache.get("a") is None
            cache.put("b", b"2")
        assert time.perf_counter() - began < 1.0, "some of a thousand looks waited"
        server.signal(signal.SIGCONT)
        monkeypatch.setattr(redis_cache, "PAUSE", 0.0)
        cache._ask_at = 0.0
        await put(cache, "a", b"2")
        assert works(cache)
        await cache.close()


async def test_a_redis_that_dies_and_comes_back_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_cache, "PAUSE", 0.05)
    with Valkey() as server:
        cache = RedisCache(server.url, "x:")
        await put(cache, "a", b"1")
        server.kill()
        os.unlink(f"{server.folder}/valkey.sock")
        assert await cache.get("a") is None
        assert not works(cache)
        server.start()
        await put(cache, "a", b"2")
        assert works(cache)
        await cache.close()
