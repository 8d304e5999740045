"""Lines that are nearly right, at the parser and over a socket: each is answered, nothing fails, nothing grows."""

import asyncio
import logging
import random
import resource
import time
from multiprocessing import get_context
from typing import Final

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.errors import ERRORS, PomoError
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.server import dispatcher
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.services import Host, Peer, Services
from tests.fakes.alarm import FakeAlarm
from tests.fakes.caller import Caller
from tests.fakes.clock import FakeClock
from tests.fakes.profiles import OneProfile
from tests.fakes.secrets import FakePasswords, FakeRandom
from tests.fakes.store import MemoryStore
from tests.integration.server.wire import Wire, greeted
from tests.reliability.frame import Campaign, Outcome, Scale, percentile, spread
from tests.reliability.homes import running_daemon
from tests.reliability.mutation import mutator

PARSER: Final = "frames fuzzed at the parser"
SOCKET: Final = "frames fuzzed over a socket, another client's p99 meanwhile"
ADA: Final = Peer(1000, "ada")
#: Lines after which a daemon begins anew, with an empty store: what they leave behind makes it slower.
LIFE: Final = 5_000
#: What is said where pomo itself is at fault.
FAILED: Final = ERRORS["internal"].message.encode()
#: Lines that one connection may send before the next.
BURST: Final = 50
GROWTH_MIB: Final = 64


async def caller() -> Caller:
    """Answer a client of a daemon without a socket."""
    store, clock, hub = MemoryStore(), FakeClock(), Hub()
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), Announcer(), Rules)
    services = Services.over(
        "default",
        timers,
        store,
        clock,
        Rules,
        passwords=FakePasswords(),
        cron=CronTab,
        random=FakeRandom(),
        hub=hub,
        spool=TemporarySpool,
    )

    def no_info(_services: Services) -> InfoResult:
        raise PomoError("database.error")

    return Caller(Host(OneProfile(services), no_info, lambda: None, ADA), ADA, services, None)


async def parse(seed: int, lines: int) -> str:
    """Have so many lines answered; tell what was wrong."""
    mutate = mutator(random.Random(seed))
    client = await caller()
    for number in range(lines):
        if number % LIFE == 0:
            client = await caller()
        line = mutate()
        found = dispatcher.answer(client, line)
        answer = found if isinstance(found, bytes) else await found
        if answer and not answer.endswith(b"\n") and not answer.startswith((b"ok ", b"error ")):
            return f"{line!r} is answered {answer!r}"
        if b'"code":"internal"' in answer or FAILED in answer:
            return f"{line!r} fails: {answer!r}"
    return ""


def at_parser(asked: tuple[int, int]) -> Outcome:
    """Fuzz the parser in one process; answer by how many MiB it grew."""
    logging.disable(logging.CRITICAL)
    seed, lines = asked
    asyncio.run(parse(seed, min(lines, LIFE)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        wrong = asyncio.run(parse(seed, lines))
    except Exception as error:  # noqa: BLE001  # that is what is looked for
        wrong = f"{type(error).__name__}: {error}"
    grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if grew > GROWTH_MIB:
        wrong = wrong or f"the process grew by {grew:.0f} MiB"
    logging.disable(logging.NOTSET)
    return Outcome({"grew": f"{grew:.0f}"}, [f"{wrong}: seed {seed}"] if wrong else [])


def pester(path: str, seed: int, lines: int) -> None:
    """Send lines, some of which end the connection; read whatever comes back."""
    mutate = mutator(random.Random(seed))
    for first in range(0, lines, BURST):
        with Wire(path) as wire:
            try:
                wire.send(b"\n".join(mutate() for _ in range(min(BURST, lines - first))) + b"\n")
                wire.end()
                wire.rest()
            except (BrokenPipeError, ConnectionResetError):
                continue


def over_socket(seed: int, lines: int, most_ms: int) -> tuple[str, list[str]]:
    """Pester a daemon, and ask as another client meanwhile, and before."""
    with running_daemon() as user, greeted(user.socket) as other:

        def ask(count: int) -> list[float]:
            waits = []
            for _ in range(count):
                asked = time.perf_counter()
                other.call("timer.status")
                waits.append(time.perf_counter() - asked)
                time.sleep(0.002)
            return waits

        free = percentile(ask(300), 0.99) * 1000
        process = get_context("spawn").Process(target=pester, args=(user.socket, seed, lines), daemon=True)
        process.start()
        waits: list[float] = []
        while process.is_alive():
            waits += ask(20)
        p99, pid = percentile(waits, 0.99) * 1000, user.pid
        broken = [] if process.exitcode == 0 else [f"the one who pesters ended with {process.exitcode}"]
        if user.pomo("status") == "" or user.pid != pid:
            broken.append("the daemon did not live on")
        broken += [f"the log says {line!r}" for line in user.daemon_log().splitlines() if "Traceback" in line]
        # What a busy machine adds, it adds to both.
        if p99 > most_ms + free:
            broken.append(f"p99 {p99:.1f} ms, {free:.1f} ms with nobody else")
    return f"{p99:.1f} ms ({free:.1f} ms with nobody else)", broken


def campaign(seed: int, lines: int, sent: int, most_ms: int) -> Outcome:
    """Fuzz the parser, then a daemon."""
    share = max(lines // 8, 1)
    found = list(spread(at_parser, [(seed + it, share) for it in range(8)]))
    wrong = [it for outcome in found for it in outcome.broken]
    grew = max(int(it.measured["grew"]) for it in found)
    p99, broken = over_socket(seed, sent, most_ms)
    again = f"python -m tests.reliability frames {seed=} {lines=} {sent=}"
    return Outcome(
        {
            PARSER: f"{share * 8:,} frames: {len(wrong)} unhandled; no process grew by more than {grew} MiB",
            SOCKET: f"{sent:,} frames: {len(broken)} unhandled, p99 {p99}",
        },
        [f"{it}: {again}" for it in wrong + broken],
    )


CAMPAIGN: Final = Campaign(
    name="frames",
    timed=True,
    alone=True,
    shows="Requests of every method and text lines with bytes exchanged, at the dispatcher and all behind it, then at "
    "a daemon's socket while another client asks.",
    figures={PARSER: "1,000,000: 0 unhandled, bounded memory", SOCKET: "50,000: 0 unhandled, < 20 ms"},
    run=campaign,
    amounts={
        Scale.PART: {"seed": 1, "lines": 20_000, "sent": 1_000, "most_ms": 1000},
        Scale.FULL: {"seed": 1, "lines": 1_000_000, "sent": 50_000, "most_ms": 20},
        Scale.LONG: {"seed": 100, "lines": 50_000_000, "sent": 1_000_000, "most_ms": 20},
    },
)
