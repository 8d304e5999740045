"""A git repository, as far as pomo has to do with it: its hooks, its branch, its latest commit."""

import os
import shlex
import subprocess
import sys
from typing import Final, NamedTuple

from pomo_daemon.protocol.errors import PomoError

#: Hooks of ours: the one that notes commits, and those that add a trailer and care for messages that are nothing else.
NOTE: Final = ("post-commit",)
TRAILER: Final = ("prepare-commit-msg", "commit-msg")
_MARK: Final = "# Made by 'pomo git install'"
_BEFORE: Final = ".before-pomo"
_SECONDS: Final = 10


class Hooks(NamedTuple):
    """Where a repository has its hooks, whether `core.hooksPath` says so, and which of them are ours."""

    folder: str
    configured: bool
    installed: tuple[str, ...]


def git(*arguments: str) -> str | None:
    """Answer what git says, None where it fails. Raises PomoError where there is no git."""
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and git is found as the user finds it
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PomoError("internal", f"git cannot be run: {error}.", "Install git.") from None
    return done.stdout.decode("utf-8", "replace").removesuffix("\n") if done.returncode == 0 else None


def branch() -> str:
    """Answer the branch that is checked out. Raises PomoError."""
    found = git("symbolic-ref", "--quiet", "--short", "HEAD")
    if found:
        return found
    _folder()
    raise PomoError("validation", "No branch is checked out here.", "Name the task: 'pomo start TASK'.")


def commit(name: str) -> tuple[str, str, str] | None:
    """Answer a commit: its full name, its subject, and the folder of the repository."""
    found = git("log", "-1", "--format=%H%n%s", "--end-of-options", name, "--")
    if not found:
        return None
    sha, _, subject = found.partition("\n")
    return sha, subject, git("rev-parse", "--show-toplevel") or os.getcwd()


def hooks() -> Hooks:
    """Look at the hooks of the repository. Raises PomoError where there is none."""
    folder = _folder()
    ours = tuple(it for it in (*NOTE, *TRAILER) if _is_ours(f"{folder}/{it}"))
    return Hooks(folder, bool(git("config", "--get", "core.hooksPath")), ours)


def install(names: tuple[str, ...]) -> Hooks:
    """Have these hooks of ours, and no others; a hook that is there runs before ours. Raises PomoError."""
    folder = _folder()
    try:
        os.makedirs(folder, exist_ok=True)
        for name in (*NOTE, *TRAILER):
            path = f"{folder}/{name}"
            if name not in names:
                _remove(path)
                continue
            if os.path.lexists(path) and not _is_ours(path):
                os.rename(path, path + _BEFORE)
            with open(path, "w", encoding="utf-8") as opened:
                opened.write(_script())
            os.chmod(path, 0o755)  # noqa: S103  # as git makes its own
    except OSError as error:
        raise PomoError(
            "internal", f"{error.filename} cannot be written: {error.strerror}.", "See whose it is."
        ) from error
    return hooks()


def _folder() -> str:
    found = git("rev-parse", "--git-path", "hooks")
    if found is None:
        raise PomoError("validation", "This is no git repository.", "Go into one.")
    return os.path.abspath(found)


def _is_ours(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as opened:
            return _MARK in opened.read(200)
    except OSError:
        return False


def _remove(path: str) -> None:
    """Take a hook of ours away, and put what was there before it in its place."""
    if _is_ours(path):
        os.unlink(path)
        if os.path.lexists(path + _BEFORE):
            os.rename(path + _BEFORE, path)


def _script() -> str:
    with open(f"{os.path.dirname(__file__)}/git_hook.sh", encoding="utf-8") as opened:
        return opened.read().replace("@POMO@", shlex.quote(f"{os.path.dirname(sys.executable)}/pomo"))
