"""The configuration file as `pomo config` changes it: comments kept, replaced as a whole or not at all."""

import contextlib
import os
from typing import Any

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError


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


def change(key: str, value: str | int | bool | None) -> None:  # noqa: FBT001
    """Set `key` (`table.name`) to a value, or take it out for None. Raises PomoError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    table_name, name = key.split(".")
    try:
        document = tomlkit.parse(read())
        table: Any = document.get(table_name)
        if table is None:
            if value is None:
                return
            table = document[table_name] = tomlkit.table()
        if not isinstance(table, dict):
            raise PomoError("config.invalid", f"{table_name} is no table in {paths.config_file()}.")
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        text = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise PomoError("config.invalid", f"{paths.config_file()}: not TOML: {error}.") from error
    _replace(text)


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
