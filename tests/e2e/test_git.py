"""pomo and git: commits are noted, messages get a trailer, and no commit fails or waits because of either."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.user import SCRIPT, User, until

pytestmark = pytest.mark.skipif(not os.path.exists(SCRIPT), reason="pomo is not installed as a script")


class Repository:
    """A repository of a user's, with one commit in it."""

    def __init__(self, user: User, name: str = "project") -> None:
        self.user = user
        self.path = Path(user.env["HOME"]) / name
        self.path.mkdir()
        user.env |= {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
        }
        self.git("init", "-q", "-b", "main")
        self.commit("begin")

    def run(self, *command: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.path,
            env={**self.user.env, **changes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def git(self, *arguments: str, **changes: str) -> str:
        done = self.run("git", *arguments, **changes)
        assert done.returncode == 0, done
        return done.stdout.removesuffix("\n")

    def pomo(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run(SCRIPT, *arguments)

    def write(self, text: str) -> None:
        with (self.path / "file").open("a") as opened:
            opened.write(f"{text}\n")

    def commit(self, message: str, **changes: str) -> str:
        """Commit something, and answer the name of the commit."""
        self.write(message)
        self.git("add", "file")
        self.git("commit", "-q", "-m", message, **changes)
        return self.git("rev-parse", "HEAD")

    def message(self) -> str:
        return self.git("log", "-1", "--format=%B").strip()

    def install(self, *options: str) -> None:
        done = self.pomo("git", "install", *options)
        assert (done.returncode, done.stderr) == (0, "")

    def noted(self, count: int) -> list[dict[str, Any]]:
        """Answer the commits that are noted, once there are as many: the hook does not wait for that."""
        until(lambda: len(self._noted()) == count)
        return self._noted()

    def _noted(self) -> list[dict[str, Any]]:
        return [commit for it in self.user.log() for commit in it["commits"]]


@pytest.fixture
def repository(user: User) -> Repository:
    return Repository(user)


def test_commits_are_noted_on_the_focus_they_are_made_in(user: User, repository: Repository) -> None:
    repository.install()
    user.pomo("start", "Write report")
    first = repository.commit("Say what it is")
    repository.noted(1)
    second = repository.commit("Say why\n\nAt length.")
    assert [(it["sha"], it["subject"], it["repository"]) for it in repository.noted(2)] == [
        (first, "Say what it is", str(repository.path)),
        (second, "Say why", str(repository.path)),
    ]
    assert repository.message() == "Say why\n\nAt length."
    assert f"[{first[:7]} {second[:7]}]" in user.pomo("log")
    shown = user.pomo("task", "show", "1")
    assert f"  commits        {first[:7]} Say what it is\n" in shown
    assert f"{second[:7]} Say why\n" in shown


def test_a_commit_is_noted_on_no_break(user: User, repository: Repository) -> None:
    repository.install()
    user.pomo("break")
    assert repository.pomo("git", "note").stdout == "No focus runs: nothing was noted.\n"
    user.pomo("start")
    assert repository.pomo("git", "note").returncode == 0
    assert len(repository.noted(1)) == 1


def test_an_interval_taken_back_and_done_again_has_its_commits(user: User, repository: Repository) -> None:
    user.pomo("start")
    repository.pomo("git", "note")
    repository.pomo("git", "note")
    assert len(repository.noted(1)) == 1
    user.pomo("undo")
    assert repository.noted(0) == []
    user.pomo("redo")
    assert len(repository.noted(1)) == 1


def test_the_trailer_names_task_and_pomodoro(user: User, repository: Repository) -> None:
    repository.install("--trailer")
    user.pomo("start", 'A "b" $(touch x) /c')
    repository.commit("Say what it is")
    assert repository.message() == 'Say what it is\n\nPomodoro: A "b" $(touch x) /c (#1, 1 of 4)'
    repository.git("commit", "-q", "--amend", "--no-edit")
    assert repository.message().count("Pomodoro:") == 1
    user.pomo("start", "--replace")
    repository.commit("Without a task\n\nSigned-off-by: Ada")
    assert repository.message() == "Without a task\n\nSigned-off-by: Ada\nPomodoro: 1 of 4"


@pytest.mark.parametrize("state", ["pause", "stop", "break"])
def test_outside_of_a_focus_there_is_no_trailer(user: User, repository: Repository, state: str) -> None:
    repository.install("--trailer")
    user.pomo("start")
    user.run(state) if state != "break" else user.pomo("finish")
    repository.commit("Plain")
    assert repository.message() == "Plain"


def test_a_message_left_empty_still_ends_the_commit(user: User, repository: Repository) -> None:
    repository.install("--trailer")
    user.pomo("start", "Write report")
    (repository.path / "file").write_text("changed")
    for verbose in ((), ("-v",)):
        done = repository.run("git", "commit", "-a", *verbose, GIT_EDITOR="true")
        assert done.returncode == 1
        assert "empty commit message" in done.stderr
    assert repository.message() == "begin"
    repository.git("commit", "-a", GIT_EDITOR="sed -i 1iWritten")
    assert repository.message() == "Written\n\nPomodoro: Write report (#1, 1 of 4)"


def test_merge_squash_rebase_and_cherry_pick_are_left_alone(user: User, repository: Repository) -> None:
    git = repository.git
    git("checkout", "-q", "-b", "side")
    (repository.path / "other").write_text("1")
    git("add", "other")
    git("commit", "-q", "-m", "side work")
    git("checkout", "-q", "main")
    main = repository.commit("main work")
    repository.install("--trailer")
    user.pomo("start")
    git("merge", "-q", "--no-edit", "side")
    assert "Pomodoro" not in repository.message()
    git("reset", "-q", "--hard", main)
    git("cherry-pick", "side")
    assert repository.message() == "side work"
    git("reset", "-q", "--hard", main)
    git("merge", "-q", "--squash", "side")
    git("commit", "-q", "--no-edit")
    assert "Pomodoro" not in repository.message()
    git("reset", "-q", "--hard", main)
    git("checkout", "-q", "side")
    git("rebase", "-q", "main")
    assert repository.message() == "side work"


def test_a_commit_needs_no_daemon_and_starts_none(user: User, repository: Repository) -> None:
    repository.install("--trailer")
    repository.commit("Alone")
    assert repository.message() == "Alone"
    assert not user.is_served()
    assert user.daemons() == []


def test_a_commit_does_not_wait_for_a_pomo_that_hangs(user: User, repository: Repository) -> None:
    repository.install("--trailer")
    plain = _seconds(repository, "plain", "-c", "core.hooksPath=/dev/null")
    fake = Path(user.env["HOME"]) / "pomo"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    for name in ("prepare-commit-msg", "commit-msg", "post-commit"):
        path = repository.path / ".git" / "hooks" / name
        path.write_text(path.read_text().replace(SCRIPT, str(fake)))
    hanging = min(_seconds(repository, f"hanging {it}") for it in range(3))
    assert hanging - plain < 0.3 + 0.3  # the second is for a machine that does much else besides
    assert repository.message() == "hanging 2"


def _seconds(repository: Repository, message: str, *options: str) -> float:
    repository.write(message)
    begun = time.monotonic()
    repository.git(*options, "commit", "-q", "-a", "-m", message)
    return time.monotonic() - begun


def test_a_hook_that_was_there_runs_first_and_decides(user: User, repository: Repository) -> None:
    theirs = repository.path / ".git" / "hooks" / "commit-msg"
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text('#!/bin/sh\ngrep -q good "$1"\n')
    theirs.chmod(0o755)
    before = theirs.read_bytes()
    repository.install("--trailer")
    repository.install("--trailer")
    user.pomo("start")
    repository.commit("good")
    assert "Pomodoro" in repository.message()
    (repository.path / "file").write_text("changed")
    assert repository.run("git", "commit", "-a", "-m", "bad").returncode == 1
    assert repository.pomo("git", "uninstall").returncode == 0
    assert theirs.read_bytes() == before
    assert os.access(theirs, os.X_OK)
    assert sorted(it.name for it in theirs.parent.iterdir() if it.suffix != ".sample") == ["commit-msg"]


def test_hooks_go_where_the_repository_has_them(user: User, repository: Repository) -> None:
    repository.git("config", "core.hooksPath", ".githooks")
    repository.install()
    assert (repository.path / ".githooks" / "post-commit").exists()
    user.pomo("start")
    repository.commit("Elsewhere")
    assert len(repository.noted(1)) == 1
    assert "core.hooksPath says so" in repository.pomo("git", "status").stdout


def test_the_trailer_can_be_taken_back_alone(repository: Repository) -> None:
    repository.install("--trailer")
    assert "messages get a trailer" in repository.pomo("git", "status").stdout
    repository.install()
    assert "are noted on the focus they are made in; messages get no trailer" in repository.pomo("git", "status").stdout
    repository.pomo("git", "uninstall")
    assert "are not noted" in repository.pomo("git", "status").stdout


def test_a_focus_can_be_named_after_the_branch(user: User, repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "feature/a-1")
    assert repository.pomo("start", "--branch").returncode == 0
    assert user.log()[0]["task"] == "feature/a-1"
    assert repository.pomo("start", "--branch", "Another").returncode == 2
    repository.git("checkout", "-q", "--detach")
    detached = repository.pomo("start", "--branch", "--replace")
    assert (detached.returncode, detached.stderr.splitlines()[0]) == (2, "pomo: No branch is checked out here.")


def test_outside_of_a_repository_it_is_said(user: User) -> None:
    for words in (("git", "install"), ("git", "uninstall"), ("git", "status"), ("start", "--branch")):
        assert "This is no git repository" in user.fails(2, *words)
