"""`pomo db` as a user meets it: the daemon runs on, or is stopped and started again; nothing is ever lost."""

import os
import signal
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import psycopg
import pytest

from pomo_daemon.adapters.faults import STATUS, VARIABLE
from tests.e2e.user import PATIENCE_S, POMO, User, until
from tests.integration.database.history import content, make


@pytest.fixture
def worker(user: User) -> User:
    """Give a user with a small history and a running focus."""
    return at_work(user)


@pytest.fixture(scope="module")
def steady(regular: User) -> User:
    """Give such a user to tests that leave everything as it was."""
    return at_work(regular)


def at_work(user: User) -> User:
    user.pomo("task", "add", "Write report", "-e", "4")
    user.pomo("log", "add", "--start", "yesterday 09:00", "--end", "yesterday 09:25", "--task", "1")
    user.pomo("start", "1")
    return user


def kept(user: User) -> list[str]:
    """Answer the databases that were put aside."""
    return [f"{user.data}/{it}" for it in os.listdir(user.data) if it.startswith("pomo.db.")]


def rows(url: str, table: str) -> int:
    with suppress(psycopg.errors.UndefinedTable), psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert found is not None
        return int(found[0])
    return 0


def test_a_check_tells_what_there_is_and_exits_7_with_a_line_for_each_finding(worker: User) -> None:
    pid = worker.pid
    found = worker.json("db", "check")
    assert (found["findings"], found["rows"]["intervals"], found["is_current"]) == ([], 2, True)
    assert worker.pomo("db", "check").endswith("Nothing is wrong.\n")
    assert worker.pid == pid
    with closing(sqlite3.connect(worker.database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE intervals SET planned = 0 WHERE ended_at IS NULL")
        connection.execute("UPDATE timers SET interval_id = 1")
    done = worker.run("db", "check")
    assert done.code == 7
    assert done.out.startswith("database")
    assert "Nothing is wrong" not in done.out
    *findings, hint = done.err.splitlines()
    assert set(findings) >= {
        "pomo: interval 2 is planned to take no time.",
        "pomo: the timer of user 1 shows interval 1, which has ended.",
        "pomo: interval 2 has not ended, and no timer shows it.",
    }
    assert "docs/database.md" in hint


def test_a_backup_is_whole_while_commands_go_on_and_only_its_owner_can_read_it(worker: User) -> None:
    pid = worker.pid
    with ThreadPoolExecutor() as shells:
        writing = shells.submit(lambda: [worker.pomo("toggle") for _ in range(6)])
        files = [f"{worker.env['HOME']}/{number}.db" for number in range(3)]
        for file in files:
            worker.pomo("db", "backup", file)
        writing.result()
    assert worker.pid == pid
    for file in files:
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("SELECT count(*) FROM intervals").fetchone() == (2,)


def test_a_backup_replaces_no_file_unless_told(worker: User) -> None:
    file = f"{worker.env['HOME']}/precious"
    with open(file, "w", encoding="utf-8") as opened:
        opened.write("precious")
    assert "is there already" in worker.fails(4, "db", "backup", file)
    with open(file, encoding="utf-8") as opened:
        assert opened.read() == "precious"
    worker.pomo("db", "backup", file, "--force")
    assert worker.json("db", "restore", file, "--yes")["intervals"] == 2


def test_a_disk_that_is_full_or_not_there_is_told_in_a_line_and_leaves_nothing_behind(worker: User) -> None:
    home = worker.env["HOME"]
    before = sorted(os.listdir(home))
    assert f"{home}/none" in worker.fails(7, "db", "backup", f"{home}/none/pomo.db")
    # A file may have so many blocks and no more, as on a disk that fills up.
    done = worker.shell(f"ulimit -f 40; pomo db backup {home}/pomo.db")
    assert (done.code, done.out, len(done.err.splitlines())) == (7, "", 2), done
    assert sorted(os.listdir(home)) == before
    assert worker.json("status")["state"] == "focus"


def test_a_restore_brings_back_what_was_and_keeps_what_is(worker: User) -> None:
    file = f"{worker.env['HOME']}/backup.db"
    worker.pomo("db", "backup", file)
    worker.pomo("stop")
    worker.pomo("task", "add", "Later")
    pid = worker.pid
    assert "give --yes" in worker.fails(2, "db", "restore", file)
    assert worker.pid == pid
    said = worker.pomo("db", "restore", file, "--yes")
    [aside] = kept(worker)
    assert f"What was there before is kept in {aside}.\n" in said
    assert worker.is_served()
    assert worker.json("status")["state"] == "focus"
    assert [it["name"] for it in worker.json("task", "list")] == ["Write report"]
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT name FROM tasks ORDER BY task_id").fetchall() == [
            ("Write report",),
            ("Later",),
        ]
    # No daemon is started that did not run; what was put aside can be had back.
    worker.pomo("daemon", "stop")
    worker.pomo("db", "restore", aside, "--yes")
    assert not worker.is_served()
    assert [it["name"] for it in worker.json("task", "list")] == ["Write report", "Later"]


@pytest.mark.parametrize("damage", ["no database", "removed"])
def test_a_restore_mends_what_no_daemon_can_open(worker: User, damage: str) -> None:
    file = f"{worker.env['HOME']}/backup.db"
    worker.pomo("db", "backup", file)
    worker.kill()
    if damage == "removed":
        for rest in ("", "-wal", "-shm"):
            os.unlink(worker.database + rest)
    else:
        with open(worker.database, "r+b") as opened:
            opened.write(bytes(4096))
        assert "damaged" in worker.fails(7, "start")
    worker.pomo("db", "restore", file, "--yes")
    assert worker.json("status")["state"] == "focus"
    assert len(kept(worker)) - len([it for it in kept(worker) if it.endswith(("-wal", "-shm"))]) == (
        damage == "no database"
    )


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("missing", 2, "There is no file"),
        ("text", 7, "it is no SQLite database"),
        ("truncated", 7, "damaged"),
        ("foreign", 2, "is no database of pomo"),
        ("newer", 9, "update pomo"),
        ("itself", 2, "is the database itself"),
    ],
)
def test_what_is_no_good_backup_is_refused_before_the_daemon_is_stopped(
    steady: User, name: str, code: int, words: str
) -> None:
    file = f"{steady.env['HOME']}/{name}"
    pid = steady.pid
    if name == "text":
        with open(file, "w", encoding="utf-8") as opened:
            opened.write("nothing\n" * 20)
    elif name == "foreign":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE theirs (number INTEGER)")
    elif name == "itself":
        file = steady.database
    elif name != "missing":
        steady.pomo("db", "backup", file)
        if name == "truncated":
            os.truncate(file, 10 * 4096)
        else:
            with closing(sqlite3.connect(file)) as connection, connection:
                connection.execute("PRAGMA user_version = 999")
    assert words in steady.fails(code, "db", "restore", file, "--yes")
    assert steady.pid == pid
    assert kept(steady) == []


def test_a_restore_that_is_killed_leaves_one_of_the_two_in_place(worker: User) -> None:
    file = f"{worker.env['HOME']}/backup.db"
    worker.pomo("db", "backup", file)
    worker.pomo("task", "add", "Later")
    done = worker.run("db", "restore", file, "--yes", env={VARIABLE: "before_swap"})
    assert (done.code, len(done.err.splitlines())) == (1, 2), done
    assert f"(status {STATUS})" in done.err
    assert [it["name"] for it in worker.json("task", "list")] == ["Write report", "Later"]
    assert worker.json("db", "check")["findings"] == []


def test_a_profile_moves_to_postgresql_and_back_and_its_timer_runs_on(worker: User, postgres_url: str) -> None:
    worker.write_config('# my own words\n[timer]\nfocus = "50m"\n')
    before = worker.log()
    said = worker.pomo("db", "copy", "--to", postgres_url)
    assert "counts and checksums agree" in said
    assert worker.json("daemon", "status")["database"].startswith("postgresql")
    with open(worker.config, encoding="utf-8") as opened:
        written = opened.read()
    assert written.startswith('# my own words\n[timer]\nfocus = "50m"\n')
    assert f'[profiles.default]\ndatabase_url = "{postgres_url}"' in written
    assert worker.json("status")["state"] == "focus"
    assert [it["interval_id"] for it in worker.log()] == [it["interval_id"] for it in before]
    assert worker.json("db", "check")["findings"] == []
    worker.pomo("finish")
    assert worker.pomo("task", "add", "New").startswith("Task #2 added")
    file = f"{worker.env['HOME']}/back.db"
    worker.pomo("db", "copy", "--to", f"sqlite:///{file}")
    assert worker.json("daemon", "status")["database"] == f"sqlite+aiosqlite:///{file}"
    assert [it["status"] for it in worker.log()] == ["completed", "completed"]
    assert worker.pomo("task", "add", "Newer").startswith("Task #3 added")


def test_a_backup_of_postgresql_is_a_file_that_either_database_takes(
    worker: User, postgres_url: str, request: pytest.FixtureRequest
) -> None:
    worker.pomo("db", "copy", "--to", postgres_url)
    file = f"{worker.env['HOME']}/backup.db"
    worker.pomo("db", "backup", file)
    assert "holds another history" not in worker.run("db", "restore", file, "--yes").err
    empty = request.getfixturevalue("postgres").new_database()
    worker.write_config(f'[profiles.default]\ndatabase_url = "{empty}"\n[profiles.file]\n')
    worker.pomo("daemon", "stop")
    worker.pomo("db", "restore", file, "--yes")
    worker.pomo("-p", "file", "db", "restore", file, "--yes")
    names = [worker.json("-p", it, "task", "list") for it in ("default", "file")]
    assert names[0] == names[1] != []


def test_a_copy_without_a_switch_leaves_the_profile_where_it_is(worker: User, postgres_url: str) -> None:
    done = worker.json("db", "copy", "--to", postgres_url, "--no-switch")
    assert not done["switched"]
    assert worker.json("daemon", "status")["database"].endswith("pomo.db")
    assert not os.path.exists(worker.config)
    worker.pomo("stop")
    assert "users differs" in worker.fails(4, "db", "copy", "--to", postgres_url)
    assert worker.json("status")["state"] == "idle"


def test_a_copy_to_where_it_cannot_go_stops_no_daemon(worker: User, postgres_url: str) -> None:
    pid = worker.pid
    for code, url in (
        (2, "mysql://localhost/pomo"),
        (2, "postgresql://me:secret@localhost/pomo"),
        (2, f"sqlite:///{worker.database}"),
        (7, postgres_url.replace("/test_", "/none_")),
        (7, "postgresql://127.0.0.1:1/pomo"),
        (7, f"sqlite:///{worker.env['HOME']}"),
    ):
        assert "secret" not in worker.fails(code, "db", "copy", "--to", url)
        assert worker.pid == pid


@pytest.mark.timeout(300)
def test_a_copy_that_is_killed_goes_on_and_the_profile_is_switched_only_at_the_end(
    newcomer: User, postgres_url: str
) -> None:
    os.makedirs(newcomer.data, mode=0o700)
    make(newcomer.database, 10_000)
    before = content(newcomer.database)
    assert newcomer.start_daemon() == 0
    copying = newcomer.spawn([*POMO, "db", "copy", "--to", postgres_url])
    until(lambda: rows(postgres_url, "intervals") > 0, within=60)
    # However long the look takes, the copy is not over by then.
    os.killpg(copying.pid, signal.SIGSTOP)
    # While it is at work, other commands are told so, and start no daemon.
    assert "'pomo db copy' is at work on the database" in newcomer.fails(6, "status")
    os.killpg(copying.pid, signal.SIGKILL)
    copying.wait(PATIENCE_S)
    until(lambda: not newcomer.is_served())
    assert rows(postgres_url, "intervals") < 10_000
    assert not os.path.exists(newcomer.config)
    done = newcomer.run("db", "copy", "--to", postgres_url, "--json", timeout=120)
    assert done.code == 0, done
    assert '"intervals": {"rows": 10000' in done.out
    assert newcomer.json("daemon", "start")["database"].startswith("postgresql")
    newcomer.pomo("daemon", "stop")
    back = f"{newcomer.env['HOME']}/back.db"
    newcomer.run("db", "copy", "--to", f"sqlite:///{back}", timeout=120)
    after = content(back)
    for table in ("intervals", "gaps", "interruptions", "events", "tasks", "categories"):
        assert after[table] == before[table]
