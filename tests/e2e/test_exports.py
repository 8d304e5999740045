"""What pomo exports, read by the real programs: their totals are those of pomo."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.user import User

DAY = "2026-03-02"
#: Where the system's timew and task lie; Watson comes with the tests.
WATSON = f"{os.path.dirname(sys.executable)}/watson"


def need(program: str) -> str:
    """Answer where a program is, or skip and say so."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian: timewarrior, taskwarrior)")
    return found


def program(user: User, *command: str, **env: str) -> str:
    """Run a program to its end; answer what it says."""
    done = subprocess.run(command, env={**user.env, **env}, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture
def busy(user: User) -> User:
    """Give a user with a record: two tasks, one of a category, three intervals of 70 minutes in all."""
    user.pomo("category", "add", "deep work")
    user.pomo("task", "add", 'Write "it", 日本; \\o/', "-e", "3", "-c", "deep work", "-d", "What for")
    user.pomo("task", "add", "(A) read", "--due", "2026-12-24")
    for start, length, task in (("09:00", "25m", "1"), ("10:00:07", "20m", "2"), ("11:00", "25m", "1")):
        user.pomo("log", "add", "--start", f"{DAY} {start}", "--duration", length, "--task", task)
    return user


def seconds(user: User) -> int:
    total: int = user.json("report", "--from", DAY, "--to", DAY)["total"]["focus_s"]
    return total


def test_timewarrior_reads_the_data_files(busy: User) -> None:
    timew = need("timew")
    home = f"{busy.env['HOME']}/timew"
    os.makedirs(f"{home}/data")
    with open(f"{home}/timewarrior.cfg", "w", encoding="utf-8"):
        pass
    busy.pomo("export", "timewarrior", "-o", f"{home}/data")
    # The first call says that it makes its list of tags anew.
    program(busy, timew, "tags", TIMEWARRIORDB=home)
    found = json.loads(program(busy, timew, "export", TIMEWARRIORDB=home))
    assert [it["start"] for it in found] == ["20260302T090000Z", "20260302T100007Z", "20260302T110000Z"]
    assert "deep work" in found[0]["tags"]
    summary = program(busy, timew, "summary", "2026-03-01", "-", "2026-03-03", TIMEWARRIORDB=home, TZ="UTC")
    assert summary.split()[-1] == "1:10:00"
    assert seconds(busy) == 70 * 60


def test_watson_reads_the_frames(busy: User) -> None:
    home = f"{busy.env['HOME']}/watson"
    os.makedirs(home)
    busy.pomo("export", "watson", "-o", f"{home}/frames")
    report: dict[str, Any] = json.loads(
        program(busy, WATSON, "report", "--json", "--from", DAY, "--to", DAY, WATSON_DIR=home)
    )
    assert report["time"] == seconds(busy) == 70 * 60
    by_name = {it["name"]: it["time"] for it in report["projects"]}
    assert by_name == {'Write "it", 日本; \\o/': 3000, "(A) read": 1200}


def test_taskwarrior_reads_the_tasks(busy: User) -> None:
    task = need("task")
    rc = f"{busy.env['HOME']}/taskrc"
    with open(rc, "w", encoding="utf-8") as opened:
        opened.write(f"data.location={busy.env['HOME']}/task\nhooks=off\nnews.version=9.9.9\n")
        opened.write("uda.pomo_est.type=numeric\nuda.pomo_act.type=numeric\n")
    busy.pomo("task", "done", "2")
    file = f"{busy.env['HOME']}/tasks.json"
    for _ in range(2):
        busy.pomo("export", "taskwarrior", "-o", file)
        program(busy, task, "rc.confirmation=off", "import", file, TASKRC=rc)
    found = {it["description"]: it for it in json.loads(program(busy, task, "export", TASKRC=rc))}
    assert len(found) == 2
    first = found['Write "it", 日本; \\o/']
    assert (first["project"], first["pomo_est"], first["pomo_act"], first["status"]) == ("deep work", 3, 2, "pending")
    assert first["annotations"][0]["description"] == "What for"
    assert found["(A) read"]["status"] == "completed"


def test_pages_of_an_export_miss_and_repeat_nothing(user: User) -> None:
    import sqlite3
    from contextlib import closing

    user.pomo("status")
    user.pomo("task", "add", "Write")
    with closing(sqlite3.connect(user.database)) as connection:
        [[owner]] = connection.execute("SELECT owner_id FROM tasks").fetchall()
        connection.executemany(
            "INSERT INTO intervals (owner_id, phase, status, started_at, ended_at, zone, note, local_start)"
            " VALUES (?, 'focus', 'completed', ?, ?, 'UTC', '', ?)",
            # Every other one takes no time, and begins with the one that follows it.
            ((owner, it // 2 * 10**9, (it // 2 + it % 2) * 10**9, it // 2 * 1000) for it in range(2_400)),
        )
        connection.commit()
    found = json.loads(user.pomo("export", "json"))["intervals"]
    assert len({it["interval_id"] for it in found}) == len(found) == 2_400
    assert len(json.loads(user.pomo("export", "json", "--to", "1970-01-02"))["intervals"]) < 2_400
