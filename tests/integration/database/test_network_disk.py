"""A database on a network file system is refused, unless somebody wants it so."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.db import mounts
from pomo_daemon.application.ports import StoreError
from pomo_daemon.config import SettingsFile
from pomo_daemon.realms import Realms


@pytest.fixture
def folder() -> Iterator[str]:
    """Give a folder on a file system without a device, as a network's is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as made:
        yield made


def write_table(path: Path, folder: str, kind: str) -> str:
    """Write a table of mounts in which the file system of a folder is of that kind."""
    device = os.stat(folder).st_dev
    path.write_text(
        f"22 27 0:99999 / /proc rw - proc proc rw\n"
        f"29 27 {os.major(device)}:{os.minor(device)} / /home rw,relatime shared:7 - {kind} server:/home rw\n"
    )
    return str(path)


def profiles(tmp_path: Path, folder: str, config: str = "[profiles.work]\n") -> Realms:
    (tmp_path / "config.toml").write_text(config)
    settings = SettingsFile(str(tmp_path / "config.toml"), lambda: UTC)
    return Realms(settings, SystemClock(), None, lambda name: f"sqlite+aiosqlite:///{folder}/new/{name}.db", "")


@pytest.mark.parametrize("kind", sorted(mounts.NETWORK))
async def test_it_is_refused_in_a_line_and_nothing_is_made(
    tmp_path: Path, folder: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "TABLE", write_table(tmp_path / "mounts", folder, kind))
    with pytest.raises(StoreError) as caught:
        await profiles(tmp_path, folder).open("work")
    assert caught.value.code == "database.unavailable"
    assert f"{folder}/new/work.db is on a network file system ({kind})" in caught.value.message
    assert os.listdir(folder) == []


async def test_who_wants_it_so_gets_it(tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "TABLE", write_table(tmp_path / "mounts", folder, "nfs4"))
    os.mkdir(f"{folder}/new")
    realms = profiles(tmp_path, folder, "daemon.network_disk = true\n[profiles.work]\n")
    await realms.open("work")
    await realms.close()


@pytest.mark.parametrize("table", ["tmpfs", None, ""])
def test_where_it_is_local_or_cannot_be_found_out_it_is_taken(
    tmp_path: Path, folder: str, table: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "mounts"
    if table is not None:
        write_table(there, folder, table)
    if table == "":
        there.write_text("what\n")
    monkeypatch.setattr(mounts, "TABLE", str(there))
    mounts.refuse_network(f"{folder}/pomo.db")
