"""The profiles of the configuration, as the command needs to know them itself."""

from pomo_cli import settings_file
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import DEFAULT, Profile, Read, check_name, read_profiles


def read() -> Read:
    """Answer all profiles as the file has them. Raises PomoError."""
    return read_profiles(settings_file.document())


def in_use() -> str:
    """Answer the profile of those who name none: where the file is not valid, the one that the daemon keeps to."""
    try:
        found = read()
    except PomoError:
        found = None
    if found is not None and not found.problems:
        return found.in_use
    holder = paths.read_holder(paths.lock_file())
    return DEFAULT if holder is None else holder.profile


def named(name: str) -> str:
    """Answer `name` if a profile may be called that. Raises PomoError."""
    try:
        return check_name(name)
    except ValueError:
        raise PomoError("profile.not_found", f"There is no profile {name!r}.") from None


def existing(name: str) -> Profile:
    """Answer a profile of the configuration. Raises PomoError where there is none of that name, or no valid one."""
    found = read()
    if name in found.by_name:
        return found.by_name[name]
    for problem in found.problems:
        if problem.startswith(f"profiles.{name}: "):
            raise PomoError("config.invalid", f"{problem}.", f"Edit {paths.config_file()}.")
    raise PomoError("profile.not_found", f"There is no profile {name!r}.")
