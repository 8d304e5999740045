"""Daemons that die at every step of everything that changes something, one death after the other, none left out.

A step is each statement for the database and each named fault point of the code. The process that dies is a real one,
on a real file; the next one is asked the same again. What is in the file must be what was there before, or what a
daemon leaves that nobody kills; and after the second request it must be the latter, to the last row.
"""

import asyncio
import itertools
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, Final

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.db import migrate, onehop
from pomo_daemon.adapters.db import store as stores
from pomo_daemon.adapters.db.migrate import HEAD, look, prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.faults import STATUS
from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.services import Host, Peer, Services
from tests.fakes.alarm import FakeAlarm
from tests.fakes.caller import Caller
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.profiles import OneProfile
from tests.fakes.secrets import FakePasswords, FakeRandom
from tests.reliability.frame import Campaign, Outcome, Scale, spread
from tests.reliability.operations import OPERATIONS, Operation, Request
from tests.reliability.writer import one_engine_each

FIGURE: Final = "enumerated crash points x operations"
#: Methods that change something without being sent again under an id: a login is no change of the record.
UNNUMBERED: Final = {f"auth.{it}" for it in ("register", "login", "refresh", "logout", "passwd", "revoke")}
MIGRATION: Final = "migration"
ADA: Final = Peer(1000, "ada")
#: What was rolled back is as it was: there it is asked again only after one death in so many.
OFTEN: Final = 5


@dataclass(frozen=True)
class Job:
    """What one process does with a file: answer these requests, or bring it to the schema, and die at a step or not."""

    file: str
    requests: tuple[Request, ...] = ()
    minutes: int = 0
    run: str = ""
    dies_at: int = 0
    token: bool = False
    migrates: bool = False


class Steps:
    """Counts the steps of a process, and ends it at one of them."""

    def __init__(self, dies_at: int) -> None:
        self._dies_at = dies_at
        self._taken = 0
        self.counting = False

    def step(self, _name: str = "") -> None:
        """Take a step."""
        if self.counting:
            self._taken += 1
            if self._taken == self._dies_at:
                os._exit(STATUS)

    def watch(self) -> None:
        """Count every statement for the database, and every fault point."""
        ordinary = onehop.OneHopCursor._run

        def run(cursor: onehop.OneHopCursor, execute: Any, sql: str, parameters: Any) -> None:
            self.step()
            ordinary(cursor, execute, sql, parameters)

        onehop.OneHopCursor._run = run  # type: ignore[method-assign, assignment]
        for module in (stores, migrate):
            vars(module)["fault"] = self.step


def do(job: Job) -> None:
    """Be the process."""
    steps = Steps(job.dies_at)
    steps.watch()
    if job.migrates:
        steps.counting = True
        asyncio.run(prepare(f"sqlite+aiosqlite:///{job.file}", NOON))
    else:
        asyncio.run(_serve(job, steps))


async def _serve(job: Job, steps: Steps) -> None:
    clock = FakeClock()
    clock.advance(timedelta(minutes=job.minutes))
    store = SqlStore(f"sqlite+aiosqlite:///{job.file}", clock)
    announcer, hub = Announcer(), Hub()
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), announcer, Rules)
    services = Services.over(
        "default",
        timers,
        store,
        clock,
        Rules,
        passwords=FakePasswords(),
        cron=CronTab,
        random=FakeRandom(job.run),
        spool=TemporarySpool,
        hub=hub,
    )
    announcer.add(hub.listen)
    announcer.add(lambda _announcements: steps.step())

    def no_info(_services: Services) -> InfoResult:
        raise PomoError("internal")

    answers = _kept(job.file)
    starts = not job.requests
    steps.counting = starts
    who = await services.accounts.peer(ADA.uid, ADA.name)
    await timers.wake(who.user_id)
    await timers.settle_all()
    for number, (method, params) in enumerate(job.requests):
        token = answers["auth.login"]["access_token"] if job.token else None
        caller = Caller(Host(OneProfile(services), no_info, lambda: None, ADA), ADA, services, None, token)
        asked = params(answers) if callable(params) else params
        if METHODS[method].mutates:
            asked = {**asked, "request_id": f"request-{job.run}-{number}"}
        steps.counting = True
        answers[method] = answer = await caller.call(method, **asked)
        steps.counting = False
        if "result" in answer:
            answers[method] = answer["result"]
    await timers.drain()
    await store.close()
    _keep(job.file, answers)


def _keep(file: str, answers: dict[str, Any]) -> None:
    """Keep what was answered for the processes that come."""
    with open(f"{file}.answers", "w", encoding="utf-8") as opened:
        json.dump(answers, opened)


def _kept(file: str) -> dict[str, Any]:
    """Answer what earlier processes were answered."""
    try:
        with open(f"{file}.answers", encoding="utf-8") as opened:
            found: dict[str, Any] = json.load(opened)
            return found
    except FileNotFoundError:
        return {}


def died(job: Job) -> bool:
    """Let a process do a job; tell whether it died over it. Raises AssertionError if it failed in another way."""
    process = get_context("fork").Process(target=do, args=(job,))
    process.start()
    process.join(60)
    assert process.exitcode in (0, STATUS), f"exit {process.exitcode}"
    return bool(process.exitcode == STATUS)


def content(file: str) -> dict[str, list[Any]]:
    """Answer every row of a database."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = [
            it[0] for it in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        tables = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def copy(source: str, target: str) -> None:
    """Put a database, and what its requests were answered, in the place of another."""
    for rest in ("-wal", "-shm", ".answers"):
        if os.path.exists(f"{target}{rest}"):
            os.unlink(f"{target}{rest}")
        if os.path.exists(f"{source}{rest}"):
            shutil.copy(f"{source}{rest}", f"{target}{rest}")
    if os.path.exists(source):
        shutil.copy(source, target)
    elif os.path.exists(target):
        os.unlink(target)


def deaths(folder: str, operation: Operation) -> tuple[int, list[str]]:
    """Die at each step of an operation; answer how many there were, and what was wrong after some."""
    base, file = f"{folder}/base.db", f"{folder}/pomo.db"
    asyncio.run(prepare(f"sqlite+aiosqlite:///{base}", NOON))
    asyncio.run(_serve(Job(base, operation.before, run="before"), Steps(0)))
    before = content(base)
    asked: tuple[Request, ...] = ()
    if operation.method:
        asked = (*operation.first, (operation.method, operation.params or {}))
    job = Job(file, asked, operation.minutes, "asked", token=operation.token)
    copy(base, file)
    asyncio.run(_serve(job, Steps(0)))
    after, answer = content(file), _kept(file).get(operation.method)
    # A deadline that has passed is settled when the daemon starts, before anybody asks.
    copy(base, file)
    died(replace(job, requests=()) if asked else replace(job, dies_at=1))
    allowed = (before, content(file), after)
    assert answer is None or "error" not in answer, f"{operation.name}: {answer}"
    assert after != before, f"{operation.name} changes nothing"
    broken: list[str] = []
    for step in itertools.count(1):
        copy(base, file)
        if not died(replace(job, dies_at=step)):
            return step - 1, broken
        left = content(file)
        if left not in allowed:
            broken.append(f"{operation.name}, step {step}: left half done")
        if left == before and step % OFTEN:
            continue
        # What was drawn by chance may be another one the second time, unless it is asked for under an id.
        died(replace(job, run="again") if operation.method in UNNUMBERED else job)
        second = _kept(file).get(operation.method)
        if not _allowed(operation, second, done=left == after):
            broken.append(f"{operation.name}, step {step}: asked again it is answered {second}")
        if operation.method not in UNNUMBERED and content(file) != after:
            broken.append(f"{operation.name}, step {step}: asked again it is not as if done once")
    raise AssertionError


def _allowed(operation: Operation, answer: Any, *, done: bool) -> bool:
    if not operation.method:
        return True
    error = answer.get("error", {}).get("data", {}).get("code") if isinstance(answer, dict) else "none"
    return error is None or (done and error == operation.spent)


def migrations(folder: str, revision: str) -> tuple[int, list[str]]:
    """Die at each step of a migration from a revision, or from nothing."""
    base, file = f"{folder}/base.db", f"{folder}/pomo.db"
    if revision:
        _make(base, revision)
    job = Job(file, migrates=True)
    before = content(base) if revision else None
    copy(base, file)
    assert not died(job)
    after = content(file)
    broken: list[str] = []
    for step in itertools.count(1):
        copy(base, file)
        if not died(replace(job, dies_at=step)):
            return step - 1, broken
        found = look(file)
        if found not in ((revision or None), HEAD):
            broken.append(f"{MIGRATION} from {revision or 'nothing'}, step {step}: left at {found}")
        if found == revision and content(file) == before and step % OFTEN:
            continue
        died(job)
        if look(file) != HEAD or content(file) != after:
            broken.append(f"{MIGRATION} from {revision or 'nothing'}, step {step}: not as if done once")
    raise AssertionError


def _make(file: str, revision: str) -> None:
    """Make a database of an older pomo, with somebody in it."""
    from alembic import command
    from tests.migration.database import within
    from tests.migration.test_migration import alembic_config

    asyncio.run(within(f"sqlite+aiosqlite:///{file}", lambda it: command.upgrade(alembic_config(it), revision)))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO users (username, event_seq, created_at, updated_at) VALUES ('ada', 0, 0, 0)",
        )
        connection.execute(
            "INSERT INTO intervals (owner_id, phase, status, started_at, ended_at, zone, note)"
            " VALUES (1, 'focus', 'completed', 10, 20, 'UTC', '')"
        )
        connection.execute(f"PRAGMA user_version = {int(revision)}")


def one(name: str) -> Outcome:
    """Do all deaths of an operation, or of the migrations from a revision, by its name."""
    folder = tempfile.mkdtemp(prefix="pomo-crash-", dir="/tmp")
    try:
        kind, _, revision = name.partition(" from ")
        with one_engine_each():
            if kind == MIGRATION:
                count, broken = migrations(folder, revision)
            else:
                [operation] = [it for it in OPERATIONS if it.name == name]
                count, broken = deaths(folder, operation)
    finally:
        shutil.rmtree(folder)
    return Outcome({"deaths": str(count)}, broken)


def names() -> list[str]:
    """Answer everything that daemons die over. Raises AssertionError for a method of which there is nothing."""
    known = {it.method for it in OPERATIONS}
    missing = {it.name for it in METHODS.values() if it.mutates} | UNNUMBERED
    assert missing <= known, f"no operation for {missing - known}"
    revisions = ["", *(f"{it:04}" for it in range(1, int(HEAD)))]
    return [it.name for it in OPERATIONS] + [f"{MIGRATION} from {it}" for it in revisions]


def campaign(skip: int, operations: int) -> Outcome:
    """Die over so many operations; `operations` 0: over all."""
    chosen: Sequence[str] = names()[skip:]
    if operations:
        chosen = chosen[:: max(len(chosen) // operations, 1)][:operations]
    found = list(spread(one, chosen))
    total = sum(int(it.measured["deaths"]) for it in found)
    again = "python -m tests.reliability crash_points operations=0"
    broken = [f"{it}: {again}" for outcome in found for it in outcome.broken]
    part = "100 %" if len(chosen) == len(names()) else f"{len(chosen)} of {len(names())}"
    measured = f"{part} of the operations, {total:,} deaths, one at each step: {len(broken)} lost or doubled"
    return Outcome({FIGURE: measured}, broken)


CAMPAIGN: Final = Campaign(
    name="crash_points",
    shows="A daemon dies at every statement and fault point of every method that changes something, of logins and of "
    "migrations; the next one is asked the same again.",
    figures={FIGURE: "100 %, 0 confirmed changes lost, 0 doubled"},
    run=campaign,
    amounts={
        Scale.PART: {"skip": 0, "operations": 3},
        Scale.FULL: {"skip": 0, "operations": 0},
        Scale.LONG: {"skip": 0, "operations": 0},
    },
)
