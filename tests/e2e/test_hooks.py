"""Programs of the user's own, run by a real daemon."""

import json
import os
from pathlib import Path

import pytest

from tests.e2e.user import SCRIPT, User, until

pytestmark = pytest.mark.skipif(not os.path.exists(SCRIPT), reason="pomo is not installed as a script")


def hook(user: User, kind: str, script: str, name: str = "hook") -> Path:
    """Make a hook, in a shell that a test can follow."""
    path = Path(user.config).parent / "hooks" / f"{kind}.d" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def lines(user: User, name: str) -> list[str]:
    path = Path(user.env["HOME"]) / name
    return path.read_text().splitlines() if path.exists() else []


def test_a_hook_runs_at_its_event_and_its_output_is_kept(user: User) -> None:
    hook(user, "interval.completed", 'tee "$HOME/told"; echo "$POMO_TASK is $POMO_STATUS"')
    user.pomo("start", 'A "$(touch x)"', "--duration", "1s")
    until(lambda: user.json("hooks", "log"))
    [run] = user.json("hooks", "log")
    assert run["problem"] == ""
    told, said = run["output"].splitlines()
    assert said == 'A "$(touch x)" is completed'
    assert json.loads(told)["data"]["interval"]["task"] == 'A "$(touch x)"'
    assert lines(user, "told") == [told]
    assert not os.path.exists(f"{user.env['HOME']}/x")
    shown = user.pomo("hooks", "log")
    assert "interval.completed" in shown
    assert shown.endswith(f"    {said}\n")


def test_a_hook_that_hangs_keeps_no_command_waiting(user: User) -> None:
    hook(user, "interval.started", "sleep 60")
    user.pomo("start")
    for verb in ("pause", "resume", "stop"):
        user.run(verb, timeout=2)
    user.pomo("daemon", "stop")


def test_a_hook_cut_off_by_a_crash_runs_again_under_the_same_id(user: User) -> None:
    hook(user, "interval.started", 'echo "$POMO_EVENT_ID" >>"$HOME/ids"; test -e "$HOME/quick" || exec sleep 60')
    user.pomo("start")
    until(lambda: lines(user, "ids"))
    user.kill()
    Path(user.env["HOME"], "quick").touch()
    user.pomo("pause")
    until(lambda: len(lines(user, "ids")) == 2)
    first, second = lines(user, "ids")
    assert first == second == "default-1-1"
    user.pomo("daemon", "restart")
    user.pomo("resume")
    assert len(lines(user, "ids")) == 2


def test_what_a_hook_does_with_pomo_runs_no_hook(user: User) -> None:
    hook(user, "interval.started", "pomo interrupt 'by a hook' && pomo pause && pomo resume")
    hook(user, "interval.paused", 'touch "$HOME/paused"')
    hook(user, "interval.interrupted", 'touch "$HOME/interrupted"')
    hook(user, "interval.resumed", 'touch "$HOME/resumed"')
    hook(user, "interval.stopped", 'touch "$HOME/stopped"')
    user.pomo("start")
    until(lambda: user.json("hooks", "log"))
    [run] = user.json("hooks", "log")
    assert run["problem"] == ""
    user.pomo("stop")
    until(lambda: os.path.exists(f"{user.env['HOME']}/stopped"))
    assert [it["event"] for it in user.json("hooks", "log")] == ["interval.started", "interval.stopped"]
    assert {"paused", "interrupted", "resumed"}.isdisjoint(os.listdir(user.env["HOME"]))


def test_hooks_are_listed_and_tried(user: User) -> None:
    assert user.pomo("hooks", "list").startswith("There are no hooks.")
    good = hook(user, "interval.completed", "echo hello", "10-good")
    bad = hook(user, "interval.completed", "exit 3", "20-bad")
    open_to_all = hook(user, "task.created", "true")
    open_to_all.chmod(0o777)
    assert user.pomo("hooks", "list").splitlines() == [
        f"interval.completed  {good}",
        f"interval.completed  {bad}",
        f"task.created  {open_to_all}  does not run: others may write to it (chmod go-w)",
    ]
    tried = user.run("hooks", "test", "interval.completed")
    assert (tried.code, tried.err) == (1, "")
    assert "ok, 0." in tried.out.splitlines()[0]
    assert tried.out.splitlines()[1] == "    hello"
    assert "exit 3" in tried.out.splitlines()[2]
    bad.unlink()
    assert user.run("hooks", "test", "interval.completed").code == 0
    assert user.pomo("hooks", "test", "interval.paused") == "There is no hook for interval.paused.\n"
    user.fails(2, "hooks", "test", "interval.complete")
