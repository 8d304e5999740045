"""What every clock keeps to."""

import time
from datetime import UTC, timedelta

import pytest
import tzlocal.unix

from pomo_daemon.adapters.clock import DatabaseClock, SystemClock, system_zone
from pomo_daemon.application.ports import Clock
from tests.fakes.clock import NOON, FakeClock


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_the_wall_clock_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.read().wall.tzinfo is UTC


def test_the_boot_clock_never_goes_back(clock: Clock) -> None:
    readings = [clock.read().boottime for _ in range(1000)]
    assert readings == sorted(readings)
    assert readings[0] > timedelta(0)


def test_readings_of_one_boot_are_of_the_same_boot(clock: Clock) -> None:
    assert clock.read().same_boot(clock.read())


def test_a_machine_that_stays_awake_has_not_slept(clock: Clock) -> None:
    first = clock.read()
    assert all(abs(clock.read().slept_since(first)) < timedelta(milliseconds=100) for _ in range(100))


def test_two_processes_of_one_boot_read_the_same_boot() -> None:
    one, other = SystemClock().read(), SystemClock().read()
    assert one.same_boot(other)
    assert other.boottime >= one.boottime


def test_the_zone_of_the_machine_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # What tzlocal remembers by then is not for other tests.
    for name in ("_cache_tz", "_cache_tz_name"):
        monkeypatch.setattr(tzlocal.unix, name, None)
    with monkeypatch.context() as there:
        for name in ("Asia/Tokyo", "America/Lima"):
            there.setenv("TZ", name)
            assert str(system_zone()) == name
            assert time.tzname[0] in ("JST", "-05")
        there.setenv("TZ", "Mars/Olympus")
        assert str(system_zone()) == "UTC"
    time.tzset()


def test_the_fake_passes_on_what_a_machine_can_do_to_its_clocks() -> None:
    clock = FakeClock(drift_ppm=500)
    first = clock.read()
    clock.advance(timedelta(seconds=1000))
    assert clock.wall - first.wall == timedelta(seconds=1000.5)
    clock.step(timedelta(hours=-2))
    clock.suspend(timedelta(hours=1))
    assert clock.read().boottime - first.boottime == timedelta(seconds=1000, hours=1)
    assert clock.awake == timedelta(seconds=1000)
    assert clock.read().slept_since(first) == timedelta(hours=1)
    clock.reboot(timedelta(minutes=1))
    assert not clock.read().same_boot(first)
    assert clock.read().boottime < timedelta(minutes=1)


def test_a_shared_clock_is_set_by_the_database_and_not_by_whoever_sets_that_of_the_machine() -> None:
    machine = FakeClock()
    shared = DatabaseClock(machine)
    shared.shift(timedelta(minutes=3))
    machine.step(timedelta(hours=5))
    machine.advance(timedelta(seconds=10))
    assert shared.read().wall == NOON + timedelta(minutes=3, seconds=10)
    machine.suspend(timedelta(hours=1))
    now = machine.read()
    assert (shared.read().boottime, shared.read().boot_id, shared.read().slept) == (
        now.boottime,
        now.boot_id,
        now.slept,
    )
