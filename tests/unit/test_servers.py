"""The real servers that other tests stand on: they start, answer, come back, and leave nothing behind."""

import os
from collections.abc import Callable

import psycopg
import pytest
import redis

from tests.fakes.servers import Postgres, Valkey


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_postgres_gives_databases_that_share_nothing(postgres: Postgres) -> None:
    with connect(postgres.new_database()) as one, connect(postgres.new_database()) as other:
        one.execute("CREATE TABLE mine (number integer)")
        assert one.execute("SELECT to_regclass('mine')").fetchone() == ("mine",)
        assert other.execute("SELECT to_regclass('mine')").fetchone() == (None,)


def test_postgres_knows_letters_beyond_ascii(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        assert connection.execute("SELECT lower('ÉTÉ')").fetchone() == ("été",)


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
def test_postgres_comes_back_with_what_was_committed(end: Callable[[Postgres], None]) -> None:
    with Postgres() as server:
        url = server.new_database()
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 25 AS minutes")
        end(server)
        with pytest.raises(psycopg.OperationalError):
            connect(url)
        server.start()
        with connect(url) as connection:
            assert connection.execute("SELECT minutes FROM kept").fetchone() == (25,)
    assert not os.path.exists(server.folder)


def test_a_stopped_postgres_is_cleared_away() -> None:
    with Postgres() as server:
        server.stop()
    assert not os.path.exists(server.folder)


def test_valkey_answers(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("test_valkey_answers", "25")
        assert client.get("test_valkey_answers") == b"25"


@pytest.mark.parametrize("end", [Valkey.stop, Valkey.kill])
def test_valkey_comes_back_empty(end: Callable[[Valkey], None]) -> None:
    with Valkey() as server, redis.Redis.from_url(server.url) as client:
        client.set("minutes", "25")
        end(server)
        with pytest.raises(redis.ConnectionError):
            client.get("minutes")
        server.start()
        assert client.get("minutes") is None
    assert not os.path.exists(server.folder)
