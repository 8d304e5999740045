"""What every board keeps to, and what a file must besides."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from pomo_daemon.adapters.board import BoardFile
from pomo_daemon.application.ports import Board
from tests.fakes.board import FakeBoard


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "default.status"


@pytest.fixture(params=["file", "fake"])
def board(request: pytest.FixtureRequest, path: Path) -> tuple[Board, Callable[[], str]]:
    """Give a board, and how to read it."""
    if request.param == "file":
        return BoardFile(str(path)), lambda: path.read_text(encoding="utf-8") if path.exists() else ""
    fake = FakeBoard()
    return fake, lambda: fake.text


def test_it_shows_the_latest_text_alone(board: tuple[Board, Callable[[], str]]) -> None:
    shown, read = board
    for text in ("one ●\n", "two, which is longer\n", "three\n", ""):
        shown.show(text)
        assert read() == text


def test_nothing_can_be_taken_away_again_and_again(board: tuple[Board, Callable[[], str]]) -> None:
    shown, read = board
    shown.show("")
    shown.show("")
    assert read() == ""


def test_the_file_is_for_its_user_alone_and_always_whole(path: Path) -> None:
    board = BoardFile(str(path))
    board.show("before\n")
    with path.open(encoding="utf-8") as reading:
        board.show("after\n")
        # Who reads while it changes reads all of the old one.
        assert reading.read() == "before\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]


def test_a_folder_that_is_gone_is_logged_once_and_harms_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    board = BoardFile(str(folder / "default.status"))
    board.show("one\n")
    board.show("two\n")
    assert [it.message.split(":")[0] for it in caplog.records] == ["prompts are not up to date"]
    folder.mkdir()
    board.show("three\n")
    assert (folder / "default.status").read_text(encoding="utf-8") == "three\n"
