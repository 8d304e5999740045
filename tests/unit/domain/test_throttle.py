"""How long to wait after wrong passwords."""

from datetime import timedelta

import pytest

from pomo_daemon.domain.throttle import ACCOUNT_CAP, PEER_CAP, Attempts, delay, left
from tests.fakes.clock import NOON


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_three_failures_are_free_and_then_each_doubles_the_delay_up_to_the_cap() -> None:
    found = [delay(failures, ACCOUNT_CAP) // seconds(1) for failures in range(12)]
    assert found == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert delay(13, PEER_CAP) == PEER_CAP
    assert delay(12, PEER_CAP) == seconds(512)
    assert delay(10**9, PEER_CAP) == PEER_CAP


@pytest.mark.parametrize(("after", "rest"), [(0, 4), (1, 3), (3.5, 0.5), (4, 0), (100, 0)])
def test_a_delay_runs_out(after: float, rest: float) -> None:
    assert left(Attempts(5, NOON), ACCOUNT_CAP, NOON + seconds(after)) == seconds(rest)


def test_whoever_never_failed_waits_for_nothing() -> None:
    assert left(None, ACCOUNT_CAP, NOON) == seconds(0)


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    assert left(Attempts(20, NOON), PEER_CAP, NOON - timedelta(days=300)) == seconds(0)
