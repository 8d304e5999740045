"""A folder in which nothing can be written for a while: root mounts it so, everybody else takes the permission."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

IS_ROOT = os.geteuid() == 0


@contextmanager
def frozen(folder: str) -> Iterator[None]:
    """Let nothing be written below `folder` within `with`; no file there may be open for writing as it begins."""
    if IS_ROOT:
        _mount("--bind", folder, folder)
    try:
        _set(folder, writable=False)
        yield
    finally:
        _set(folder, writable=True)
        if IS_ROOT:
            # Whoever has something open there keeps it.
            subprocess.run(["umount", "--lazy", folder], check=True)


def _set(folder: str, *, writable: bool) -> None:
    if IS_ROOT:
        _mount("-o", f"remount,bind,{'rw' if writable else 'ro'}", folder)
        return
    paths = [folder, *(f"{found}/{name}" for found, *names in os.walk(folder) for name in chain(*names))]
    for path in paths:
        mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, mode | stat.S_IWUSR if writable else mode & ~0o222)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)
