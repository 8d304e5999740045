"""Every setting of config.toml: key, kind, default, bounds, meaning. docs/configuration.md is made from it.

Shared by the daemon, which obeys the settings, and by `pomo config`, which writes them.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pomo_daemon.protocol.profiles import DEFAULT, OWN, Profile, check_name, read_profiles
from pomo_daemon.protocol.times import parse_clock, parse_duration

Kind = Literal["duration", "integer", "switch", "choice", "clock", "zone", "profile"]
Value = timedelta | time | int | bool | str


class Setting(NamedTuple):
    """One setting. `default` is written as in the file; `low` and `high` bound integers, and durations in seconds."""

    key: str
    kind: Kind
    default: str | int | bool
    meaning: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()


_DAY: Final = 24 * 3600

SETTINGS: Final[dict[str, Setting]] = {
    setting.key: setting
    for setting in (
        Setting("timer.focus", "duration", "25m", "Length of a focus interval.", 1, _DAY),
        Setting("timer.short_break", "duration", "5m", "Length of a short break.", 1, _DAY),
        Setting("timer.long_break", "duration", "15m", "Length of a long break.", 1, _DAY),
        Setting("timer.long_break_every", "integer", 4, "Completed focus intervals up to a long break.", 1, 100),
        Setting(
            "timer.auto_start",
            "choice",
            "none",
            "Which phases start by themselves when the one before ends.",
            choices=("none", "breaks", "focus", "all"),
        ),
        Setting("timer.cycle_timeout", "duration", "2h", "Idle time after which a cycle starts anew.", 60, 7 * _DAY),
        Setting("timer.day_start", "clock", "00:00", "When a day begins: '04:00' counts the night to the day before."),
        Setting("timer.week_start", "choice", "monday", "On which day a week begins.", choices=("monday", "sunday")),
        Setting("timer.goal", "integer", 0, "Pomodoros a day to aim at; 0 is no goal.", 0, 1000),
        Setting("timer.warn_before_end", "duration", "0s", "Warn so long before the end; 0s: do not.", 0, _DAY),
        Setting(
            "timer.on_suspend",
            "choice",
            "auto",
            "What a suspend does; auto: a break goes on, a focus too after 2 minutes at most, else it is paused.",
            choices=("auto", "continue", "pause", "stop"),
        ),
        Setting("timer.zone", "zone", "", "Time zone of days and clock times (IANA name); empty is the system's."),
        Setting("schedule.grace", "duration", "10m", "By how much a schedule may be late; else it is missed.", 0, _DAY),
        Setting("idle.after", "duration", "0s", "Ask after so long without input in a focus; 0s: do not.", 0, _DAY),
        Setting("notify.enabled", "switch", True, "Whether the daemon shows desktop notifications."),
        Setting(
            "notify.devices",
            "choice",
            "all",
            "On which machines of a shared database notifications are shown; active: where you were last.",
            choices=("all", "active"),
        ),
        Setting(
            "hooks.run_on",
            "choice",
            "all",
            "Which machines of a shared database run their hooks; owner: the one where you were last.",
            choices=("all", "owner"),
        ),
        Setting("notify.sound", "switch", False, "Whether a notification asks for a sound."),
        Setting("daemon.max_connections", "integer", 512, "Connections at once; more are told 'busy'.", 8, 100_000),
        Setting("daemon.system", "switch", False, "Whether the command uses the daemon of the machine, not one's own."),
        Setting("daemon.network_disk", "switch", False, "Whether a SQLite file may lie on a network file system."),
        Setting("daemon.idle_timeout", "duration", "10m", "After this without a request a client is closed.", 1, _DAY),
        Setting(
            "auth.registration", "choice", "open", "Whether anybody can make an account.", choices=("open", "closed")
        ),
        Setting(
            "log.level", "choice", "info", "How much the daemon logs.", choices=("debug", "info", "warning", "error")
        ),
        Setting("profile", "profile", DEFAULT, "The profile in use where nobody names one."),
    )
}


def parse(setting: Setting, raw: object) -> Value:
    """Turn a value as written in TOML into what it means. Raises ValueError that names the key and what it takes."""
    try:
        return _PARSERS[setting.kind](setting, raw)
    except ValueError as error:
        raise ValueError(f"{setting.key}: {error}") from None


def _duration(setting: Setting, raw: object) -> timedelta:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueError("takes a duration such as '25m'")
    span = parse_duration(str(raw))
    if not timedelta(seconds=setting.low) <= span <= timedelta(seconds=setting.high):
        raise ValueError(f"{raw!r} is out of range: from {setting.low}s to {setting.high // 3600}h")
    return span


def _integer(setting: Setting, raw: object) -> int:
    if isinstance(raw, str) and (digits := raw.removeprefix("-")).isascii() and digits.isdigit():
        raw = int(raw[:9])
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError("takes a whole number")
    if not setting.low <= raw <= setting.high:
        raise ValueError(f"{raw} is out of range: from {setting.low} to {setting.high}")
    return raw


def _switch(_setting: Setting, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):
        return raw == "true"
    raise ValueError("takes true or false")


def _choice(setting: Setting, raw: object) -> str:
    if isinstance(raw, str) and raw in setting.choices:
        return raw
    raise ValueError(f"takes one of {', '.join(setting.choices)}")


def _clock(_setting: Setting, raw: object) -> time:
    if isinstance(raw, time):
        return raw.replace(microsecond=0)
    if not isinstance(raw, str):
        raise ValueError("takes a time of day such as '04:00'")
    return parse_clock(raw)


def _zone(_setting: Setting, raw: object) -> str:
    if raw == "":
        return ""
    if not isinstance(raw, str):
        raise ValueError("takes the name of a time zone such as 'Europe/Berlin'")
    try:
        return ZoneInfo(raw).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(f"{raw!r} is not a time zone: use a name such as Europe/Berlin")


def _profile(_setting: Setting, raw: object) -> str:
    return check_name(str(raw))


_PARSERS: Final[dict[Kind, Callable[[Setting, object], Value]]] = {
    "duration": _duration,
    "integer": _integer,
    "switch": _switch,
    "choice": _choice,
    "clock": _clock,
    "zone": _zone,
    "profile": _profile,
}


class Content(NamedTuple):
    """What a config.toml says: every setting with its value, for all profiles and for each; which one is in use."""

    common: Mapping[str, Value]
    values: Mapping[str, Mapping[str, Value]]
    profiles: Mapping[str, Profile]
    in_use: str


def read_all(text: str) -> tuple[Content, list[str]]:
    """Read the text of a config.toml, and tell what is wrong with it, a line each.

    A wrong value leaves the default in place, so that whoever wants to go on with what is right, can.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _NOTHING, [f"not TOML: {error}"]
    except (ValueError, RecursionError):  # of Python's own limits
        return _NOTHING, ["not TOML: a number is too long, or brackets are nested too deeply"]
    read = read_profiles(document)
    common, wrong = _values({key: it for key, it in document.items() if key not in ("profile", "profiles")})
    problems = read.problems + wrong
    common = {**_DEFAULTS, **common, "profile": read.in_use}
    values = {}
    for name, table in read.settings.items():
        own, wrong = _values(table)
        for key in [it for it in own if not it.startswith(OWN)]:
            wrong.append(f"{key}: is the same for all profiles")
            del own[key]
        values[name] = {**common, **own}
        problems += [f"profiles.{name}.{it}" for it in wrong]
    return Content(common, values, read.by_name, read.in_use), problems


def read(text: str, profile: str = DEFAULT) -> tuple[Mapping[str, Value], list[str]]:
    """Read the settings of one profile, or of the one in use for "", and tell what is wrong.

    Where there is no such profile, the common ones count.
    """
    content, problems = read_all(text)
    return content.values.get(profile or content.in_use, content.values[DEFAULT]), problems


def _values(table: Mapping[str, Any]) -> tuple[dict[str, Value], list[str]]:
    values: dict[str, Value] = {}
    problems = []
    for key, raw in _flatten(table):
        setting = SETTINGS.get(key)
        if setting is None:
            problems.append(f"{key}: there is no such setting")
            continue
        try:
            values[key] = parse(setting, raw)
        except ValueError as error:
            problems.append(str(error))
    return values, problems


def _flatten(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flatten(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


_DEFAULTS: Final = {key: parse(setting, setting.default) for key, setting in SETTINGS.items()}
_NOTHING: Final = Content(_DEFAULTS, {DEFAULT: _DEFAULTS}, {DEFAULT: Profile()}, DEFAULT)
