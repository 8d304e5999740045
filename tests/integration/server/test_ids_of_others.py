"""Nobody reaches what is not theirs: for every method that takes an id, another user's is as one that is not there.

The matrix is made from the method list: a parameter that this test does not know fails it, until somebody has said
here whether it names something of a user's.
"""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.routes import ROUTES
from pomo_daemon.server.services import Host, Peer, Services
from tests.fakes.alarm import FakeAlarm
from tests.fakes.caller import Caller
from tests.fakes.clock import FakeClock
from tests.fakes.profiles import OneProfile
from tests.fakes.secrets import FakePasswords, FakeRandom
from tests.fakes.store import MemoryStore

#: Parameters that name something of a user's, with how an id of it is written.
NAMING: dict[str, type] = {
    "task": str,
    "category": str,
    "move_to": str,
    "interval_id": int,
    "login_id": int,
    "schedule_id": int,
    "import_id": int,
}
#: Parameters that name nothing.
FREE = {
    *(
        "protocol",
        "client",
        "version",
        "profile",
        "token",
        "request_id",
        "create",
        "duration_s",
        "flow",
        "at",
        "replace",
    ),
    *("long", "by_s", "from", "to", "since", "start", "end", "outcome", "note", "kind", "name", "description"),
    *("pomodoro_count", "due", "no_due", "status", "sort", "prefix", "limit", "output", "template"),
    *("period", "by", "after"),
    *("hook_depth", "event"),
    *("cron", "text"),
    *("overlap", "seq", "rows", "done"),
    *("sha", "subject", "repository"),
    *("username", "email", "password", "old_password", "device", "refresh_token"),
}
#: What the methods below cannot do without.
NEEDED: dict[str, Any] = {
    "name": "Something",
    "start": "2026-01-12T09:00:00Z",
    "end": "2026-01-12T09:25:00Z",
    "by_s": 60,
    "cron": "@daily",
    "protocol": 1,
    "seq": 0,
    "rows": [],
}
MISSING = 999


async def two_users() -> tuple[Caller, Caller]:
    store, clock = MemoryStore(), FakeClock()
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), Announcer(), Rules)

    def no_info(_services: Services) -> InfoResult:
        raise PomoError("internal")

    services = Services.over(
        "default",
        timers,
        store,
        clock,
        Rules,
        cron=CronTab,
        passwords=FakePasswords(),
        random=FakeRandom(),
        hub=Hub(),
        spool=TemporarySpool,
    )
    host = Host(OneProfile(services), no_info, lambda: None, Peer(1, "ada"))
    peers = Peer(1, "ada"), Peer(2, "bob")
    ada, bob = [Caller(host, it, services, await services.accounts.peer(it.uid, it.name)) for it in peers]
    return ada, bob


async def possessions(ada: Caller) -> dict[str, int]:
    """Give Ada a task, a category, an interval and a login; answer their ids."""
    category = await ada.call("category.add", name="Secret group")
    task = await ada.call("task.add", name="Secret task", category="Secret group")
    interval = await ada.call(
        "history.add", start="2026-01-12T08:00:00Z", end="2026-01-12T08:25:00Z", task="Secret task"
    )
    assert ada.who is not None
    await ada.call("auth.passwd", password="Secret password")
    login = await ada.call("auth.login", name=ada.who.username, password="Secret password", device="Secret device")
    schedule = await ada.call("schedule.add", cron="@daily", text="Secret text")
    begun = await ada.call("import.begin", name="Secret file")
    group = category["result"]["category_id"]
    return {
        "task": task["result"]["task_id"],
        "category": group,
        "move_to": group,
        "interval_id": interval["result"]["interval_id"],
        "login_id": login["result"]["login_id"],
        "schedule_id": schedule["result"]["schedule_id"],
        "import_id": begun["result"]["import_id"],
    }


def named_parameters() -> list[tuple[str, str]]:
    return [
        (method, parameter.encode_name)
        for method, route in ROUTES.items()
        for parameter in msgspec.structs.fields(route.params)
        if parameter.encode_name in NAMING
    ]


def test_every_parameter_of_every_method_is_known_to_name_something_or_not() -> None:
    known = NAMING.keys() | FREE
    unknown = {
        (method, it.encode_name)
        for method, route in ROUTES.items()
        for it in msgspec.structs.fields(route.params)
        if it.encode_name not in known
    }
    assert not unknown
    assert ROUTES.keys() == METHODS.keys()


@pytest.mark.parametrize(("method", "parameter"), named_parameters())
def test_an_id_of_another_user_answers_as_one_that_is_not_there(method: str, parameter: str) -> None:
    async def scenario() -> tuple[dict[str, Any], dict[str, Any], Any, Any]:
        ada, bob = await two_users()
        ids = await possessions(ada)
        own = await possessions(bob)
        before = bob.services.store.rows.copy()  # type: ignore[attr-defined]  # a MemoryStore
        others = {
            it.encode_name: NAMING[it.encode_name](own[it.encode_name])
            for it in msgspec.structs.fields(ROUTES[method].params)
            if it.encode_name in NAMING and it.encode_name != parameter and it.required
        }
        needed = {
            it.encode_name: NEEDED[it.encode_name]
            for it in msgspec.structs.fields(ROUTES[method].params)
            if it.encode_name in NEEDED and it.required
        }
        answers = [
            await bob.call(method, **needed, **others, **{parameter: NAMING[parameter](number)})
            for number in (ids[parameter], MISSING)
        ]
        return answers[0], answers[1], before, bob.services.store.rows  # type: ignore[attr-defined]

    foreign, missing, before, after = asyncio.run(scenario())
    assert foreign["error"]["data"]["code"].endswith(".not_found")
    told = json.dumps(foreign)
    assert "Secret" not in told
    assert told.replace(str(MISSING), "N") == json.dumps(missing).replace(str(MISSING), "N") or (
        foreign["error"]["data"]["code"] == missing["error"]["data"]["code"]
    )
    assert before == after


def test_lists_hold_nothing_of_another_user() -> None:
    async def scenario() -> list[dict[str, Any]]:
        ada, bob = await two_users()
        await possessions(ada)
        await ada.call("timer.start", task="Secret task")
        listing = [name for name in METHODS if name.endswith(".list") or name == "timer.status"]
        return [await bob.call(name) for name in listing]

    answers = asyncio.run(scenario())
    assert len(answers) >= 5
    assert "Secret" not in json.dumps(answers)
