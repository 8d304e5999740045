"""How Redis is reached: with little patience, and of its own accord not again."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def connect(url: str, patience: float | None, connect_patience: float) -> Redis:
    """Make a client, which connects when first used. `patience`: seconds for an answer; None waits for ever."""
    # Of its own accord the client would try again and again, for ten seconds.
    retry = Retry(NoBackoff(), 0)
    made: Redis = Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=connect_patience, retry=retry)
    return made
