"""What other programs wrote comes in with their totals, and what pomo exports comes back as it was."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from tests.e2e.test_exports import DAY, WATSON, need, program
from tests.e2e.user import POMO, User

EVER = ("--from", "2026-01-01")


def seconds(user: User, *words: str) -> int:
    total: int = user.json("report", "--from", DAY, "--to", DAY, *words)["total"]["focus_s"]
    return total


def by_task(user: User) -> dict[str | None, int]:
    rows = user.json("report", "--from", DAY, "--to", DAY, "--by", "task")["rows"]
    return {it["label"] if it["key"] else None: it["focus_s"] for it in rows if it["focus_s"]}


def write(user: User, name: str, text: str) -> str:
    path = f"{user.env['HOME']}/{name}"
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(text)
    return path


@pytest.fixture
def other(user: User) -> User:
    """Give the same user with an empty profile of another folder."""
    return User({**user.env, "POMO_DATA_DIR": f"{user.env['HOME']}/other", "POMO_RUNTIME_DIR": f"{user.env['HOME']}/r"})


@pytest.fixture(scope="module")
def full_database(regular: User) -> str:
    """Give a database with a record of everything that a record can hold, of which tests take copies."""
    fill(regular)
    regular.pomo("daemon", "stop")
    return regular.database


@pytest.fixture
def busy(user: User, full_database: str) -> User:
    """Give a user with a record of everything that a record can hold."""
    shutil.copy(full_database, user.database)
    return user


def fill(user: User) -> None:
    user.pomo("category", "add", "deep work")
    user.pomo("category", "add", "empty")
    user.pomo("task", "add", 'Write "it", 日本; \\o/', "-e", "3", "-c", "deep work", "-d", "What\nfor")
    user.pomo("task", "add", "(A) read", "--due", "2026-12-24")
    user.pomo("task", "add", "(A) read")
    for start, length, task in (("09:00", "25m", "1"), ("10:00:07", "20m", "2"), ("11:00", "25m", "1")):
        user.pomo("log", "add", "--start", f"{DAY} {start}", "--duration", length, "--task", task)
    user.pomo("log", "edit", "1", "--note", "=two\nlines")
    user.pomo("start", "3")
    user.pomo("interrupt", "--external", "the", "door")
    for verb in ("pause", "resume", "finish", "break", "skip"):
        user.pomo(verb)
    user.pomo("stop")
    user.pomo("task", "done", "1")
    user.pomo("task", "delete", "3")


def test_json_makes_an_empty_profile_what_the_other_was_to_the_byte(busy: User, other: User) -> None:
    file = f"{busy.env['HOME']}/all.json"
    busy.pomo("export", "json", "-o", file)
    assert len(busy.json("log", *EVER)) >= 5
    told = other.json("import", "json", file)
    with open(file, encoding="utf-8") as opened:
        assert other.pomo("export", "json") == opened.read()
    assert other.json("report", "year") == busy.json("report", "year")
    assert other.json("db", "check")["findings"] == []
    assert (told["tasks"], told["categories"]) == (3, 2)
    again = other.json("import", "json", file)
    assert (again["intervals"], again["tasks"], again["categories"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("form", "report", "carried"),
    [
        ("csv", ("--from", DAY, "--to", DAY), ("focus_s", "pomodoros", "stopped")),
        ("timewarrior", ("--from", DAY, "--to", DAY), ("focus_s",)),
        ("watson", ("--from", DAY, "--to", DAY), ("focus_s",)),
        ("openpomodoro", ("--from", DAY, "--to", DAY), ("focus_s", "pomodoros")),
    ],
)
def test_other_formats_bring_back_what_they_carry(
    busy: User, other: User, form: str, report: tuple[str, ...], carried: tuple[str, ...]
) -> None:
    file = f"{busy.env['HOME']}/all"
    busy.pomo("export", form, "-o", file, "--to", DAY)
    other.pomo("import", form, file)
    mine, theirs = (it.json("report", *report, "--by", "task") for it in (busy, other))
    assert [theirs["total"][name] for name in carried] == [mine["total"][name] for name in carried]
    assert sorted(it["focus_s"] for it in theirs["rows"]) == sorted(it["focus_s"] for it in mine["rows"])
    assert other.json("import", form, file)["intervals"] == 0


@pytest.mark.parametrize("form", ["taskwarrior", "todotxt"])
def test_lists_of_tasks_bring_back_names_estimates_and_states(busy: User, other: User, form: str) -> None:
    def tasks(user: User) -> list[tuple[Any, ...]]:
        found = user.json("task", "list", "--status", "all")
        kept = [it for it in found if form == "taskwarrior" or not it["deleted_at"]]
        return [
            (it["name"], it["category"], it["pomodoro_count"], bool(it["completed_at"]), bool(it["deleted_at"]))
            for it in kept
        ]

    file = f"{busy.env['HOME']}/all"
    busy.pomo("export", form, "-o", file)
    other.pomo("import", form, file)
    assert tasks(other) == tasks(busy)
    assert other.json("import", form, file)["tasks"] == 0


def test_timewarrior_files_come_in_with_the_totals_of_timew(user: User) -> None:
    timew, home = need("timew"), f"{user.env['HOME']}/timew"
    os.makedirs(f"{home}/data")
    write(user, "timew/timewarrior.cfg", "")
    env = {"TIMEWARRIORDB": home, "TZ": "UTC"}
    for start, end, *tags in (
        ("09:00", "09:25:07", 'say "hi" /o/', "deep"),
        ("10:00", "10:45", "write"),
        ("11:00", "11:00:30"),
    ):
        program(user, timew, "track", f"{DAY}T{start}", "-", f"{DAY}T{end}", *tags, **env)
    program(user, timew, "annotate", "@3", 'He said "hi" # twice', **env)
    summary = program(user, timew, "summary", "2026-03-01", "-", "2026-03-03", **env).split()[-1]
    hours, minutes, rest = map(int, summary.split(":"))
    user.pomo("import", "timewarrior", f"{home}/data")
    assert seconds(user) == hours * 3600 + minutes * 60 + rest == 25 * 60 + 7 + 45 * 60 + 30
    assert by_task(user) == {"deep": 1507, "write": 2700, None: 30}
    first = user.json("log", *EVER)[0]
    # Timewarrior keeps tags in the order of the alphabet.
    assert (first["task"], first["category"], first["note"]) == ("deep", 'say "hi" /o/', 'He said "hi" # twice')
    exported = write(user, "timew.json", program(user, timew, "export", **env))
    assert user.json("import", "timewarrior", exported)["intervals"] == 0


def test_watson_frames_come_in_with_the_totals_of_watson(user: User) -> None:
    home = f"{user.env['HOME']}/watson"
    env = {"WATSON_DIR": home, "TZ": "UTC"}
    for start, end, *words in (
        ("09:00", "09:25:07", "write", "+deep", "+late"),
        ("10:00", "10:45", "read it"),
        ("11:00", "11:01", "write"),
    ):
        program(user, WATSON, "add", "-f", f"{DAY} {start}", "-t", f"{DAY} {end}", *words, **env)
    report = json.loads(program(user, WATSON, "report", "--json", "--from", DAY, "--to", DAY, **env))
    user.pomo("import", "watson", f"{home}/frames")
    assert seconds(user) == report["time"] == 25 * 60 + 7 + 45 * 60 + 60
    assert by_task(user) == {it["name"]: it["time"] for it in report["projects"]}
    logged = write(user, "log.json", program(user, WATSON, "log", "--json", "--all", **env))
    assert user.json("import", "watson", logged)["intervals"] == 0


def test_taskwarrior_tasks_come_in_as_task_counts_them(user: User) -> None:
    task = need("task")
    home = user.env["HOME"]
    env = {"TASKRC": write(user, "taskrc", f"data.location={home}/task\nhooks=off\nnews.version=9.9.9\n")}
    os.makedirs(f"{home}/task")
    program(user, task, "add", 'Write "it"', "project:Home", "due:2026-12-24T10:00:00Z", **env)
    program(user, task, "add", "read", "+later", "wait:2030-01-01", **env)
    program(user, task, "add", "gone", **env)
    program(user, task, "1", "annotate", "what for", **env)
    program(user, task, "rc.confirmation=off", "2", "done", **env)
    program(user, task, "rc.confirmation=off", "3", "delete", **env)
    counted = {
        it: int(program(user, task, f"status:{it}", "count", **env)) for it in ("pending", "completed", "deleted")
    }
    file = write(user, "tasks.json", program(user, task, "export", **env))
    user.pomo("import", "taskwarrior", file)
    for theirs, ours in (("pending", "open"), ("completed", "done"), ("deleted", "deleted")):
        assert len(user.json("task", "list", "--status", ours)) == counted[theirs] == 1
    [first] = user.json("task", "list")
    assert (first["name"], first["category"], first["description"]) == ('Write "it"', "Home", "what for")
    assert first["due"] == "2026-12-24T10:00:00Z"
    assert user.json("import", "taskwarrior", file)["tasks"] == 0


CSV = "started_at,ended_at,task,category\n2026-03-02T09:00:00Z,2026-03-02T09:25:00Z,Write,deep\n"


def test_one_undo_takes_all_of_it_back(user: User) -> None:
    user.pomo("import", "csv", write(user, "a.csv", CSV))
    assert user.pomo("undo") == "Undone: import a.csv.\n"
    assert (user.json("log", *EVER), user.json("task", "list"), user.json("category", "list")) == ([], [], [])
    user.pomo("redo")
    assert [it["task"] for it in user.json("log", *EVER)] == ["Write"]


def test_a_dry_run_tells_and_changes_nothing(user: User) -> None:
    said = user.pomo("import", "csv", write(user, "a.csv", CSV), "--dry-run")
    assert said.splitlines() == [
        "Would import 1 interval, 1 task, 1 category: 2026-03-02, 25m focus.",
        "New tasks: Write.",
        "New categories: deep.",
    ]
    assert user.json("log", *EVER) == []
    user.fails(4, "undo")


def test_a_line_that_is_wrong_ends_it_with_nothing_changed(user: User) -> None:
    file = write(user, "a.csv", CSV + "2026-03-02T10:00:00Z,2026-03-02T09:59:00Z,Write,deep\nsoon,later,,\n")
    assert f"{file}: line 3: ended_at: lies before the start." in user.fails(2, "import", "csv", file)
    assert user.json("log", *EVER) == []
    said = user.pomo("import", "csv", file, "--skip-invalid")
    assert said.splitlines()[1].startswith("Left out: 2 lines not valid, first ")
    assert len(user.json("log", *EVER)) == 1


def test_what_overlaps_is_a_conflict_unless_it_is_said_what_to_do(user: User) -> None:
    user.pomo("log", "add", "--start", f"{DAY} 09:10", "--duration", "5m")
    file = write(user, "a.csv", CSV)
    assert f"{file}: line 2: started_at: " in user.fails(4, "import", "csv", file)
    assert user.json("import", "csv", file, "--overlap", "skip")["overlapping"] == 1
    assert user.json("import", "csv", file, "--overlap", "trim")["focus_s"] == 600
    assert seconds(user) == 900


@pytest.mark.parametrize(
    "words",
    [
        ("floppy", "x"),
        ("csv", "/nowhere"),
        ("csv", "/tmp"),
        ("timewarrior", "/etc"),
        ("csv", "/dev/null", "--overlap", "x"),
        ("csv", "/dev/null", "--task-from", "tag"),
        ("watson", "/dev/null", "--task-from", "client"),
    ],
)
def test_what_cannot_be_meant_is_refused(user: User, words: tuple[str, ...]) -> None:
    user.fails(2, "import", *words)


def test_a_pipe_is_read_as_a_file_is(user: User) -> None:
    done = subprocess.run(
        [*POMO, "import", "csv", "-"], env=user.env, input=CSV.encode(), check=True, capture_output=True
    )
    assert done.stdout.startswith(b"Imported 1 interval")
    assert len(user.json("log", *EVER)) == 1


def test_an_empty_file_brings_nothing(user: User) -> None:
    assert user.pomo("import", "csv", "/dev/null") == "Nothing came: nothing is new.\n"
