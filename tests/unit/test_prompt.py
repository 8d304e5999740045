"""What stands on the board for prompts, and that it stands there as soon as a command is answered."""

from datetime import timedelta

from pomo_daemon.application.timer import Identity, TaskChoice
from pomo_daemon.domain.timer import Break, Pause, Resume, Start, Stop
from pomo_daemon.server.prompt import Prompt
from tests.fakes.application import FakeDaemon, start
from tests.fakes.board import FakeBoard
from tests.fakes.loop import virtual

LIMIT = 2 * 3600
EVER = 253402300799


def prompted(daemon: FakeDaemon) -> FakeBoard:
    board = FakeBoard()
    prompt = Prompt(board, daemon.who, daemon.timers, daemon.clock, lambda: daemon.rules)
    daemon.announcer.add(prompt.listen)
    prompt.look()
    return board


def second(daemon: FakeDaemon) -> int:
    return int(daemon.clock.read().wall.timestamp())


@virtual
async def test_an_interval_that_runs_has_its_end_and_the_end_of_what_is_worth_showing() -> None:
    daemon = await start()
    board = prompted(daemon)
    assert board.text == ""
    await daemon.run(Start(), task=TaskChoice("Write 'report' $(x)"))
    end = second(daemon) + 25 * 60
    assert board.text == f"down {end} {end + LIMIT} ● Write 'report' $(x)\n"
    await daemon.run(Pause())
    assert board.text == f"held 1500 {EVER} ‖ Write 'report' $(x)\n"
    await daemon.wait(timedelta(minutes=10))
    await daemon.run(Resume())
    assert board.text == f"down {end + 600} {end + 600 + LIMIT} ● Write 'report' $(x)\n"
    await daemon.run(Stop())
    assert board.text == ""


@virtual
async def test_a_phase_that_is_due_has_the_moment_since_when() -> None:
    daemon = await start()
    board = prompted(daemon)
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=25))
    due = second(daemon)
    assert board.text == f"down {due} {due + LIMIT} ◔ short break due\n"
    await daemon.run(Break())
    assert board.text.startswith(f"down {due + 300} ")


@virtual
async def test_without_a_deadline_it_counts_from_the_start() -> None:
    daemon = await start()
    board = prompted(daemon)
    await daemon.run(Start(flow=True))
    assert board.text == f"up {second(daemon)} {EVER} ● focus\n"
    await daemon.wait(timedelta(seconds=90))
    await daemon.run(Pause())
    assert board.text == f"held 90 {EVER} ‖ focus\n"


@virtual
async def test_after_the_clock_was_set_shells_count_to_the_new_moment() -> None:
    daemon = await start()
    board = FakeBoard()
    prompt = Prompt(board, daemon.who, daemon.timers, daemon.clock, lambda: daemon.rules)
    await daemon.run(Start())
    prompt.look()
    before = int(board.text.split()[1])
    daemon.clock.step(timedelta(hours=3))
    prompt.look()
    assert int(board.text.split()[1]) == before + 3 * 3600


@virtual
async def test_what_others_do_is_not_shown() -> None:
    daemon = await start()
    board = prompted(daemon)
    async with daemon.store.write() as unit:
        bob = await unit.users.of_peer(2001, "bob")
    await daemon.timers.run(Identity(bob, "bob", "default"), Start())
    assert board.texts == [""]
    await daemon.run(Start())
    assert len(board.texts) == 2
