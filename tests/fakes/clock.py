"""A clock that moves only when a test moves it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from pomo_daemon.domain.timeline import Reading

#: A Monday morning in winter: no change of the clocks is near, wherever one lives.
NOON: Final = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
_BOOTED: Final = timedelta(seconds=30)


class FakeClock:
    """The Clock port. `awake` is what CLOCK_MONOTONIC counts, and so the time of the event loop (loop.py).

    `drift_ppm` is by how many millionths the wall clock runs faster than the boot clock.
    """

    def __init__(self, wall: datetime = NOON, *, drift_ppm: float = 0.0) -> None:
        self.wall = wall
        self.boottime = _BOOTED
        self.boot_id = "boot-1"
        self.awake = timedelta(0)
        self.slept = timedelta(0)
        self.drift_ppm = drift_ppm
        self._boots = 1

    def read(self) -> Reading:
        """Read all clocks at once."""
        return Reading(self.wall, self.boottime, self.boot_id, self.slept)

    def advance(self, delta: timedelta) -> None:
        """Let time pass."""
        self.awake += delta
        self._go_on(delta)

    def suspend(self, delta: timedelta) -> None:
        """Let the machine sleep: every clock but the loop's goes on."""
        self.slept += delta
        self._go_on(delta)

    def _go_on(self, delta: timedelta) -> None:
        self.boottime += delta
        self.wall += delta * (1 + self.drift_ppm / 1e6) if self.drift_ppm else delta

    def step(self, delta: timedelta) -> None:
        """Set the wall clock forward, or back."""
        self.wall += delta

    def reboot(self, away: timedelta, wall_error: timedelta = timedelta(0)) -> None:
        """Boot the machine after it was off for `away`; its hardware clock is wrong by `wall_error`."""
        self._boots += 1
        self.boot_id = f"boot-{self._boots}"
        self.boottime = _BOOTED
        self.slept = timedelta(0)
        self.wall += away + wall_error
