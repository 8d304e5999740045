"""What every journal keeps to, and what the one on the disk does besides: its writer was killed, or had no room."""

import errno
import os
from pathlib import Path

import pytest

from pomo_daemon.adapters import journal as files
from pomo_daemon.adapters.journal import JournalFiles
from pomo_daemon.application.ports import Journal, StoreError
from tests.fakes.journal import MemoryJournal

LINES = [b'{"id":"first"}', b'{"id":"second"}', b'{"id":"third"}']


@pytest.fixture(params=["memory", "files"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    return MemoryJournal() if request.param == "memory" else JournalFiles(f"{tmp_path}/offline/default")


@pytest.fixture
async def kept(tmp_path: Path) -> JournalFiles:
    """Give a journal that holds three commands."""
    made = JournalFiles(f"{tmp_path}")
    await made.keep_timer(1, b"{}", durable=True)
    for line in LINES:
        await made.append(1, 0, line)
    return made


async def test_nothing_is_kept_at_first(journal: Journal) -> None:
    assert not journal.exist()
    assert (list(await journal.users()), await journal.timer(1), list(await journal.lines(1, 0))) == ([], None, [])


async def test_the_latest_timer_of_each_user_is_kept(journal: Journal) -> None:
    for user, data in ((1, b"one"), (2, b"two"), (1, b"three")):
        await journal.keep_timer(user, data, durable=user == 1)
    assert journal.exist()
    assert sorted(await journal.users()) == [1, 2]
    assert [await journal.timer(it) for it in (1, 2, 3)] == [b"three", b"two", None]


async def test_commands_are_kept_in_order_by_user_and_generation(journal: Journal) -> None:
    await journal.keep_timer(1, b"", durable=True)
    for line in LINES:
        await journal.append(1, 7, line)
    await journal.append(2, 7, b"another")
    assert list(await journal.lines(1, 7)) == LINES
    assert list(await journal.lines(1, 8)) == []
    for _ in range(2):
        await journal.clear(1, 7)
    assert list(await journal.lines(1, 7)) == []
    assert list(await journal.lines(2, 7)) == [b"another"]


async def test_nobody_else_can_read_what_is_kept(kept: JournalFiles, tmp_path: Path) -> None:
    assert list(await kept.lines(1, 0)) == LINES
    deep = JournalFiles(f"{tmp_path}/deep")
    await deep.keep_timer(1, b"{}", durable=False)
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700
    assert {it.stat().st_mode & 0o777 for it in tmp_path.iterdir() if it.is_file()} == {0o600}


async def test_of_a_journal_cut_off_anywhere_the_whole_lines_are_left_and_it_goes_on_behind_them(
    kept: JournalFiles, tmp_path: Path
) -> None:
    path = tmp_path / "1.0.journal"
    whole = path.read_bytes()
    ends = [whole.index(line) + len(line) + 1 for line in LINES]
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        left = LINES[: sum(end <= length for end in ends)]
        assert list(await kept.lines(1, 0)) == left
        await kept.append(1, 0, b"more")
        assert list(await kept.lines(1, 0)) == [*left, b"more"]
    assert not list(tmp_path.glob("*.damaged"))


async def test_a_journal_that_is_damaged_in_the_middle_is_put_aside(kept: JournalFiles, tmp_path: Path) -> None:
    path = tmp_path / "1.0.journal"
    damaged = path.read_bytes().replace(b"second", b"sec0nd")
    path.write_bytes(damaged)
    assert list(await kept.lines(1, 0)) == LINES[:1]
    assert (tmp_path / "1.0.journal.damaged").read_bytes() == damaged


async def test_a_journal_of_another_form_is_refused_and_left_alone(kept: JournalFiles, tmp_path: Path) -> None:
    path = tmp_path / "1.0.journal"
    path.write_bytes(b"pomo-journal 2\nwhatever\n")
    with pytest.raises(StoreError, match="update this one"):
        await kept.lines(1, 0)
    assert path.read_bytes() == b"pomo-journal 2\nwhatever\n"


async def test_a_journal_has_an_end(kept: JournalFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST", 200)
    with pytest.raises(StoreError, match="full"):
        await kept.append(1, 0, b"x" * 200)
    assert list(await kept.lines(1, 0)) == LINES


async def test_what_the_disk_has_no_room_for_is_not_kept_in_part(
    kept: JournalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            await kept.append(1, 0, b"more")
        with pytest.raises(StoreError, match="No space left"):
            await kept.keep_timer(1, b"more", durable=True)
    assert list(await kept.lines(1, 0)) == LINES
    assert await kept.timer(1) == b"{}"
