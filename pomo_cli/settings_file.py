"""The configuration file as `pomo config` changes it: comments kept, replaced as a whole or not at all."""

import contextlib
import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError

Value = str | int | bool


def read() -> str:
    """Answer the text of the file, empty where there is none. Raises PomoError."""
    path = paths.config_file()
    try:
        with open(path, encoding="utf-8") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise PomoError("config.invalid", f"{path} is not UTF-8 text.", "Save it as UTF-8.") from None
    except OSError as error:
        raise PomoError("config.invalid", f"{path} cannot be read: {error.strerror}.", "See whose it is.") from error


def document() -> dict[str, Any]:
    """Answer what the file says. Raises PomoError."""
    return _load(read())


def change(changes: Mapping[tuple[str, ...], Value | dict[str, Value] | None]) -> None:
    """Set each path of keys to a value, or take it out for None; all at once, or nothing. Raises PomoError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    before = read()
    wanted = _load(before)
    try:
        # A new key outside of all tables goes to the top, lest it part a table from the comment above.
        top = {
            path[0]: it for path, it in changes.items() if len(path) == 1 and it is not None and path[0] not in wanted
        }
        edited: Any = tomlkit.parse(f"{tomlkit.dumps(top)}\n{before}" if top else before)
        for path, value in changes.items():
            _put(wanted, path, value, dict)
            _put(edited, path, value, tomlkit.table)
        after = tomlkit.dumps(edited)
    except TOMLKitError as error:
        raise PomoError("config.invalid", f"{paths.config_file()}: not TOML: {error}.") from error
    except (ValueError, TypeError, AttributeError):
        after = ""
    # Whatever the editor makes of a file written in an unforeseen way: nothing but what was meant gets written.
    if not _is_same(_load(after), wanted):
        raise PomoError("config.invalid", f"{paths.config_file()} is written in a way that cannot be changed here.")
    if after != before:
        _replace(after)


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Answer the values of nested tables by dotted key."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def _load(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not TOML, or beyond Python's own limits
        raise PomoError("config.invalid", f"{paths.config_file()}: not TOML: {error}.") from error


def _put(table: Any, path: Sequence[str], value: Any, make: Callable[[], Any]) -> None:  # noqa: ANN401
    """Set or take out what the path of keys leads to, by way of tables that are there or made."""
    *way, last = path
    for key in way:
        if key not in table:
            if value is None:
                return
            table[key] = make()
        table = table[key]
        if not isinstance(table, MutableMapping):
            raise PomoError("config.invalid", f"{key} is no table in {paths.config_file()}.")
    if value is None:
        table.pop(last, None)
    elif isinstance(value, dict):
        table[last] = make()
        table[last].update(value)
    else:
        table[last] = value


def profile_names(document: Mapping[str, Any]) -> set[str]:
    """Answer the names of the profiles that the document has, valid or not."""
    found = document.get("profiles")
    return set(found) if isinstance(found, dict) else set()


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether both mean the same: empty tables mean nothing, but for those of profiles."""
    return _filled(one) == _filled(other) and profile_names(one) == profile_names(other)


def _filled(table: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: _filled(it) if isinstance(it, dict) else it for key, it in table.items()}
    return {key: it for key, it in found.items() if it != {}}


def _replace(text: str) -> None:
    """Write the file anew beside itself, and move it into place. A link stays one: what it points to is replaced."""
    path = os.path.realpath(paths.config_file())
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        # Not by tempfile, whose imports cost as much as all the rest.
        fresh = f"{path}.{os.urandom(8).hex()}"
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "w", encoding="utf-8") as opened:
                with contextlib.suppress(FileNotFoundError):
                    os.fchmod(fd, os.stat(path).st_mode & 0o7777)
                opened.write(text)
                opened.flush()
                os.fsync(fd)
            os.rename(fresh, path)
        except BaseException:
            os.unlink(fresh)
            raise
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise PomoError(
            "config.invalid", f"{path} cannot be written: {error.strerror}.", "See whose folder that is."
        ) from error
