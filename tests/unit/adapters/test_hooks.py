"""Hooks as files: which run, in which order, within what limits. The programs are real ones."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.hook_log import HookLog
from pomo_daemon.adapters.hook_process import KEPT
from pomo_daemon.adapters.hooks import HookFolder, environment
from pomo_daemon.application.hook_event import example, hook_event
from pomo_daemon.application.ports import HookEvent, HookRun
from pomo_daemon.domain.events import EventType
from tests.fakes.clock import NOON

KIND = "interval.completed"


def event() -> HookEvent:
    return hook_event(example(EventType.COMPLETED, 1, NOON), "default", NOON)


class Folder:
    """A folder of hooks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = HookLog(str(root / "state" / "hooks.log"))
        self.hooks = HookFolder(str(root / "hooks"), self.log, SystemClock(), seconds=5)

    def write(self, name: str, script: str, mode: int = 0o755, kind: str = KIND) -> Path:
        path = self.root / "hooks" / f"{kind}.d" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(mode)
        return path

    async def run(self) -> list[HookRun]:
        return list(await self.hooks.run(event()))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def test_hooks_run_in_the_order_of_their_names_and_a_failure_stops_nobody(folder: Folder) -> None:
    order = folder.root / "order"
    for name in ("20-b", "10-a", "30-c"):
        folder.write(name, f"echo {name} >>{order}; test {name} != 10-a")
    runs = await folder.run()
    assert order.read_text().split() == ["10-a", "20-b", "30-c"]
    assert [it.problem for it in runs] == ["exit 1", "", ""]


async def test_a_hook_gets_the_event_twice_and_no_arguments(folder: Folder) -> None:
    folder.write("hook", 'cat; echo "$#|$POMO_EVENT|$POMO_TASK|$PWD"')
    [run] = await folder.run()
    told, rest = run.output.splitlines()
    assert told.startswith('{"version":1,"id":"default-1-0","seq":0,"type":"interval.completed"')
    assert rest == f"0|interval.completed|Example task|{os.environ['HOME']}"


async def test_a_hook_that_reads_nothing_is_no_problem(folder: Folder) -> None:
    folder.write("hook", "exec true")
    assert [it.problem for it in await folder.run()] == [""]


async def test_a_hook_that_hangs_is_killed_with_its_children(folder: Folder) -> None:
    folder.hooks._seconds = 0.3
    pids = folder.root / "pids"
    folder.write("hook", f"sleep 100 & echo $! >{pids}; trap '' TERM; echo begun; sleep 100")
    [run] = await folder.run()
    assert run.problem == "took longer than 0.3 s and was killed"
    assert run.output == "begun\n"
    # Adopted by init, which may take a moment to bury it.
    assert await _gone(int(pids.read_text()))


async def test_what_a_hook_leaves_behind_holds_up_nothing(folder: Folder) -> None:
    pids = folder.root / "pids"
    folder.write("hook", f"sleep 100 & echo $! >{pids}; echo done")
    begun = time.monotonic()
    [run] = await folder.run()
    assert time.monotonic() - begun < 4
    assert (run.problem, run.output) == ("", "done\n")
    os.kill(int(pids.read_text()), 9)


async def test_of_endless_output_the_beginning_is_kept(folder: Folder) -> None:
    folder.hooks._seconds = 0.5
    folder.write("hook", "exec yes")
    [run] = await folder.run()
    assert run.output == "y\n" * (KEPT // 2)
    assert (run.cut, run.problem) == (True, "took longer than 0.5 s and was killed")


async def test_more_output_than_is_kept_does_not_stop_a_hook(folder: Folder) -> None:
    folder.write("hook", "head -c 300000 /dev/zero | tr '\\0' x; touch $0.done")
    [run] = await folder.run()
    assert (run.problem, run.cut, len(run.output)) == ("", True, KEPT)
    assert (folder.root / "hooks" / f"{KIND}.d" / "hook.done").exists()


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
async def test_a_file_that_others_may_write_is_refused(folder: Folder, mode: int) -> None:
    folder.write("hook", f"touch {folder.root}/ran", mode)
    [run] = await folder.run()
    assert run.problem == "refused: others may write to it (chmod go-w)"
    assert not (folder.root / "ran").exists()


@pytest.mark.parametrize("which", ["hooks", f"hooks/{KIND}.d"])
async def test_a_file_in_a_folder_that_others_may_write_is_refused(folder: Folder, which: str) -> None:
    folder.write("hook", f"touch {folder.root}/ran")
    (folder.root / which).chmod(0o777)
    [run] = await folder.run()
    assert run.problem.startswith(f"refused: {folder.root}/{which}: others may write")
    assert not (folder.root / "ran").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
async def test_a_file_of_somebody_else_is_refused(folder: Folder) -> None:
    os.chown(folder.write("hook", "true"), 4711, 4711)
    assert [it.problem for it in await folder.run()] == ["refused: belongs to another user"]


async def test_what_is_behind_a_link_counts(folder: Folder) -> None:
    target = folder.write("../elsewhere", "echo elsewhere", 0o777)
    (folder.root / "hooks" / f"{KIND}.d").mkdir(exist_ok=True)
    (folder.root / "hooks" / f"{KIND}.d" / "hook").symlink_to(target)
    assert [it.problem[:8] for it in await folder.run()] == ["refused:"]
    target.chmod(0o755)
    assert [it.output for it in await folder.run()] == ["elsewhere\n"]


async def test_what_is_no_hook_is_passed_over_and_what_cannot_run_is_told(folder: Folder) -> None:
    folder.write(".hidden", "true")
    folder.write("backup~", "true")
    folder.write("notes", "true", 0o644)
    folder.write("broken", "").write_text("#!/no/such/shell\n")
    (folder.root / "hooks" / f"{KIND}.d" / "folder").mkdir()
    runs = await folder.run()
    assert [(Path(it.path).name, it.problem) for it in runs] == [
        ("broken", "cannot be run: No such file or directory"),
        ("folder", "refused: not a file"),
    ]


def test_the_list_shows_every_hook_and_why_one_does_not_run(folder: Folder) -> None:
    folder.write("a", "true")
    folder.write("b", "true", 0o644)
    folder.write("c", "true", kind="interval.complete")
    assert [(it.event, it.path[-1], it.problem) for it in folder.hooks.list()] == [
        ("interval.complete", "c", "there is no such event"),
        ("interval.completed", "a", ""),
        ("interval.completed", "b", "not executable (chmod +x)"),
    ]


def test_secrets_are_withheld_from_hooks_and_pomo_is_found() -> None:
    found = environment({"PATH": "/bin", "POMO_DATABASE_URL": "secret", "NOTIFY_SOCKET": "/x", "POMO_DATA_DIR": "/d"})
    assert found.keys() == {"PATH", "POMO_DATA_DIR"}
    first, last = found["PATH"].split(":")
    assert first == "/bin"
    assert os.path.exists(f"{last}/pomo")


async def test_the_log_is_bounded_and_survives_a_line_cut_short(folder: Folder) -> None:
    folder.write("hook", "head -c 70000 /dev/zero | tr '\\0' x")
    for _ in range(40):
        await folder.run()
    sizes = [it.stat().st_size for it in (folder.root / "state").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 1_200_000
    with (folder.root / "state" / "hooks.log").open("ab") as opened:
        opened.write(b'{"at":"2026\n')
    assert len(await folder.hooks.runs(5)) == 4


async def test_a_log_that_cannot_be_written_holds_up_nothing(folder: Folder) -> None:
    (folder.root / "state").write_text("in the way")
    folder.write("hook", "echo ran")
    assert [it.output for it in await folder.run()] == ["ran\n"]


async def test_a_hook_is_killed_with_the_daemon_that_does_not_wait_for_it(folder: Folder) -> None:
    pids = folder.root / "pids"
    folder.write("hook", f"echo $$ >{pids}; exec sleep 100")
    running = asyncio.create_task(folder.run())
    await _true(lambda: pids.exists() and pids.read_text())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await _gone(int(pids.read_text()))


async def _gone(pid: int) -> bool:
    """Wait until a process is at its end, buried or not."""
    stat = Path(f"/proc/{pid}/stat")
    return await _true(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


async def _true(holds: Callable[[], object]) -> bool:
    for _ in range(1000):
        if holds():
            return True
        await asyncio.sleep(0.01)
    return False
