"""The settings of the daemon: frozen values, read anew when they have changed, so that nobody needs to restart it.

The machine's time zone is one of them. A running interval keeps the length it was started with, whatever the file says
by now.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pomo_daemon.application.notifications import NotifySettings
from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.days import WeekStart
from pomo_daemon.protocol import settings
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import DEFAULT, Profile, check_field, database_file

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says, in the types of those who obey it."""

    rules: Rules
    notify: NotifySettings
    hooks_of_owner: bool
    max_connections: int
    idle_timeout: timedelta
    log_level: str
    may_register: bool
    idle_after: timedelta
    network_disk: bool


def _settings(values: Mapping[str, Any], system_zone: tzinfo) -> Settings:
    rules = Rules(
        focus=values["timer.focus"],
        short_break=values["timer.short_break"],
        long_break=values["timer.long_break"],
        long_break_every=values["timer.long_break_every"],
        auto_start=AutoStart(values["timer.auto_start"]),
        cycle_timeout=values["timer.cycle_timeout"],
        day_start=values["timer.day_start"],
        zone=ZoneInfo(values["timer.zone"]) if values["timer.zone"] else system_zone,
        warn_before_end=values["timer.warn_before_end"],
        on_suspend=OnSuspend(values["timer.on_suspend"]),
        schedule_grace=values["schedule.grace"],
        goal=values["timer.goal"],
        week_start=WeekStart(values["timer.week_start"]),
    )
    return Settings(
        rules=rules,
        notify=NotifySettings(
            values["notify.enabled"], values["notify.sound"], only_active=values["notify.devices"] == "active"
        ),
        hooks_of_owner=values["hooks.run_on"] == "owner",
        max_connections=values["daemon.max_connections"],
        idle_timeout=values["daemon.idle_timeout"],
        log_level=values["log.level"],
        may_register=values["auth.registration"] == "open",
        idle_after=values["idle.after"],
        network_disk=values["daemon.network_disk"],
    )


Stamp = tuple[int, int, int]


def _stamp(path: str) -> Stamp:
    """Answer what is another whenever the file is, or another file is linked to."""
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


class SettingsFile:
    """The file, and what it said when it was last right. `localtime` is another file when the machine's zone is.

    What was seen is good for `lasts` seconds: within one answer the settings are asked for again and again.
    """

    def __init__(
        self, path: str, system_zone: Callable[[], tzinfo], localtime: str = "/etc/localtime", *, lasts: float = 0.0
    ) -> None:
        self._path = path
        self._system_zone = system_zone
        self._localtime = localtime
        self._lasts = lasts
        self._good_until = 0.0
        #: Rises whenever the file says something else.
        self.edition = 0
        self._stamp = self._look()
        content, problems = self._read()
        if problems:
            raise PomoError("config.invalid", f"{path}: {problems[0]}.")
        self.on_change: Callable[[], None] = lambda: None
        self._take(content)

    def current(self, profile: str = DEFAULT) -> Settings:
        """Answer the settings of a profile, the common ones where there is no such profile."""
        self._refresh()
        return self._settings.get(profile) or self._settings[DEFAULT]

    @property
    def in_use(self) -> str:
        """Answer the profile of those who name none."""
        self._refresh()
        return self._content.in_use

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Answer all profiles by name."""
        self._refresh()
        return self._content.profiles

    def profile(self, name: str) -> Profile:
        """Answer a profile; one that is not there any more is as `default` is without a word."""
        return self.profiles.get(name) or Profile(name)

    def database_url(self, profile: str, data: str) -> str:
        """Answer where the database of a profile is: as the environment or the file says, else in the folder `data`."""
        said = os.environ.get("POMO_DATABASE_URL") if profile == DEFAULT else ""
        url = check_field("database_url", said) if said else self.profile(profile).database_url
        return url or f"sqlite+aiosqlite:///{data}/{database_file(profile)}"

    def redis_url(self, profile: str) -> str:
        """Answer the Redis of a profile, as the environment or the file says; empty: none."""
        said = os.environ.get("POMO_REDIS_URL", "") if profile == DEFAULT else ""
        return said or self.profile(profile).redis_url

    def _refresh(self) -> None:
        """Read again what has changed. A look at the inodes of two files tells."""
        now = time.monotonic()
        if now < self._good_until:
            return
        self._good_until = now + self._lasts
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            content, problems = self._read()
            if problems:
                log.warning("the configuration is not valid, the settings stay as they were: %s", problems[0])
            else:
                log.info("read the configuration anew")
                self._take(content)
                self.on_change()

    def _take(self, content: settings.Content) -> None:
        zone = self._system_zone()
        self.edition += 1
        self._content = content
        self._settings = {name: _settings(values, zone) for name, values in content.values.items()}

    def _look(self) -> tuple[Stamp, Stamp]:
        return _stamp(self._path), _stamp(self._localtime)

    def _read(self) -> tuple[settings.Content, list[str]]:
        try:
            with open(self._path, encoding="utf-8") as opened:
                return settings.read_all(opened.read())
        except FileNotFoundError:
            return settings.read_all("")
        except (OSError, UnicodeDecodeError) as error:
            return settings.read_all("")[0], [f"cannot be read: {error}"]
