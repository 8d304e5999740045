"""The settings of a daemon that lives on while they change around it."""

import os
from datetime import timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from pomo_daemon.config import SettingsFile


class Machine:
    """A machine whose /etc/localtime is a link to a zone, as `timedatectl set-timezone` makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.localtime = folder / "localtime"
        self.asked = 0

    def move(self, name: str) -> None:
        """Set the time zone."""
        zone = self._folder / name.replace("/", "-")
        zone.write_text(name)
        fresh = self._folder / "localtime.new"
        fresh.symlink_to(zone)
        os.rename(fresh, self.localtime)

    def zone(self) -> tzinfo:
        self.asked += 1
        return ZoneInfo(self.localtime.read_text())


def test_whoever_travels_has_the_days_of_where_they_are(tmp_path: Path) -> None:
    machine, config = Machine(tmp_path), tmp_path / "config.toml"
    machine.move("Europe/Berlin")
    settings = SettingsFile(str(config), machine.zone, str(machine.localtime))
    assert [str(settings.current().rules.zone) for _ in range(3)] == ["Europe/Berlin"] * 3
    assert machine.asked == 1
    machine.move("Asia/Tokyo")
    assert [str(settings.current().rules.zone) for _ in range(3)] == ["Asia/Tokyo"] * 3
    assert machine.asked == 2
    config.write_text('timer.focus = "50m"\ntimer.zone = "America/Lima"')
    assert (str(settings.current().rules.zone), settings.current().rules.focus) == (
        "America/Lima",
        timedelta(minutes=50),
    )
    machine.move("Europe/Berlin")
    assert str(settings.current().rules.zone) == "America/Lima"
