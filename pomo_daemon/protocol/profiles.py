"""Profiles: named contexts, each with a database, a way to log in, and settings of its own over the common ones.

Shared by the daemon, which serves them, and by the command, which writes them. In config.toml:

    profile = "work"             # in use where neither --profile nor POMO_PROFILE says otherwise
    [profiles.work]
    database_url = "postgresql+psycopg://…"
    login = "password"
    timer.focus = "50m"
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pomo_daemon.protocol.paths import without_password

#: The profile that is always there.
DEFAULT: Final = "default"
#: What begins so may be set for each profile; the rest is the daemon's.
OWN: Final = ("timer.", "notify.")

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
#: The schemes of URLs, and what each is to those who use it.
_SCHEMES: Final = {
    "database_url": {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "postgresql+psycopg": "postgresql+psycopg",
    },
    "redis_url": {it: it for it in ("redis", "rediss", "unix")},
}
_CHOICES: Final = {"login": ("peer", "password"), "tokens": ("file", "keyring")}

#: What the default profile's file is called: another profile of that name would share it.
_TAKEN: Final = "pomo"


class Profile(NamedTuple):
    """A profile. An empty URL: a SQLite file in the data folder; no Redis."""

    name: str = DEFAULT
    database_url: str = ""
    redis_url: str = ""
    #: `peer`: being the OS user is enough; `password`: only a login is.
    login: str = "peer"
    #: Where the command keeps the tokens of a login.
    tokens: str = "file"

    @property
    def by_peer(self) -> bool:
        """Tell whether being an OS user is proof enough of who one is."""
        return self.login == "peer"


FIELDS: Final = Profile._fields[1:]


def check_name(name: str) -> str:
    """Answer a name that may be a profile's. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"profile: {name!r} is no name: take 1 to 32 of a-z, 0-9, - and _, a letter or digit first")
    return name


def check_field(key: str, value: object) -> str:
    """Answer the value of a field of a profile. Raises ValueError that names the field and what it takes."""
    if not isinstance(value, str):
        raise ValueError(f"{key}: takes a text")
    if key in _CHOICES:
        if value not in _CHOICES[key]:
            raise ValueError(f"{key}: takes {takes(key)}")
        return value
    scheme, separator, rest = value.partition("://")
    schemes = _SCHEMES[key]
    if value and (scheme not in schemes or not rest or not rest.isprintable() or " " in rest):
        raise ValueError(f"{key}: takes {takes(key)}")
    return f"{schemes[scheme]}{separator}{rest}" if value else ""


class Read(NamedTuple):
    """The profiles of a config.toml: by name, with the settings of each that are still to be read; which is in use."""

    by_name: dict[str, Profile]
    settings: dict[str, Mapping[str, Any]]
    in_use: str
    problems: list[str]


def read_profiles(document: Mapping[str, Any]) -> Read:
    """Read the profiles of a config.toml. What is wrong is left out and told, a line each."""
    read = Read({DEFAULT: Profile()}, {DEFAULT: {}}, DEFAULT, [])
    tables = document.get("profiles", {})
    if not isinstance(tables, Mapping):
        read.problems.append("profiles: takes tables such as [profiles.work]")
        return read
    for name, table in tables.items():
        try:
            read.by_name[name] = _read_profile(name, table)
            read.settings[name] = {key: it for key, it in table.items() if key not in FIELDS}
        except ValueError as error:
            read.problems.append(f"profiles.{name}: {error}")
    in_use = document.get("profile", DEFAULT)
    if isinstance(in_use, str) and in_use in read.by_name:
        return read._replace(in_use=in_use)
    read.problems.append(f"profile: there is no [profiles.{in_use}]")
    return read


def _read_profile(name: str, table: object) -> Profile:
    if not isinstance(table, Mapping):
        raise ValueError("takes a table of its own")
    profile = Profile(check_name(name), **{key: check_field(key, table[key]) for key in FIELDS if key in table})
    if name == _TAKEN and not profile.database_url:
        raise ValueError(
            "database_url: pomo.db is the default profile's: name a database, or call the profile otherwise"
        )
    return profile


def database_file(name: str) -> str:
    """Answer the SQLite file, in the data folder, of a profile without a `database_url`."""
    return f"{_TAKEN if name == DEFAULT else name}.db"


def to_show(url: str) -> str:
    """Answer a URL without its password, wherever in it that stands."""
    place, question, query = without_password(url).partition("?")
    shown = "&".join(it for it in query.split("&") if "pass" not in it.partition("=")[0].lower())
    return f"{place}{question}{shown}" if shown else place


def takes(key: str) -> str:
    """Say what a field of a profile takes."""
    if key in _CHOICES:
        return f"one of {', '.join(_CHOICES[key])}"
    return f"a URL that begins with {' or '.join(it + '://' for it in _SCHEMES[key])}"
