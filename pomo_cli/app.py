"""The full client: the command line as Typer reads it, and the only place where an error becomes an exit code.

A command's module is imported when the command is called: `pomo --help` lists them all from the table here.
"""

import os
from typing import Final, NamedTuple

from pomo_cli import output
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import INTERRUPTED, PomoError

_LOG_BYTES: Final = 1024 * 1024


class Entry(NamedTuple):
    """A command: the module below `pomo_cli.commands` that has it, and what it does, in a line."""

    module: str
    summary: str


COMMANDS: Final = {
    "start": Entry("timer", "Start a focus interval."),
    "break": Entry("timer", "Start a break."),
    "pause": Entry("timer", "Pause the current interval."),
    "resume": Entry("timer", "Go on with the paused interval."),
    "toggle": Entry("timer", "Pause or go on; start what is due, or a focus."),
    "stop": Entry("timer", "End the current interval; a focus does not count as a pomodoro."),
    "finish": Entry("timer", "End the current interval early and count it."),
    "cancel": Entry("timer", "Forget the current interval, started by mistake."),
    "skip": Entry("timer", "Go on to the next phase."),
    "extend": Entry("timer", "Move the end of the current interval."),
    "repeat": Entry("timer", "Start a focus like the one before."),
    "interrupt": Entry("change", "Mark an interruption; the clock runs on."),
    "undo": Entry("change", "Take the latest change back."),
    "redo": Entry("change", "Do again what was undone last."),
    "status": Entry("status", "Show the timer."),
    "watch": Entry("watch", "Show the timer on the whole screen, with keys."),
    "wait": Entry("wait", "Wait until the interval ends, or the timer is in a state."),
    "log": Entry("log", "Show what was done: today, or a range of time."),
    "report": Entry("report", "Sum up what was done, this week or any days."),
    "export": Entry("export", "Write the record in the form of another program."),
    "import": Entry("imports", "Take over the record of another program."),
    "task": Entry("task", "Keep an inventory of tasks, with estimates in pomodoros."),
    "category": Entry("category", "Group tasks."),
    "events": Entry("events", "Print what was announced, a line of JSON for each event."),
    "schedule": Entry("schedule", "Start a focus, or be told something, by the calendar."),
    "git": Entry("git", "Tell commits and pomodoros of each other."),
    "hooks": Entry("hooks", "Run programs of your own at events."),
    "config": Entry("config", "Show and change settings."),
    "profile": Entry("profile", "Keep several timers apart, each in a database of its own."),
    "auth": Entry("auth", "Make an account, log in and out."),
    "db": Entry("db", "Check, back up, restore and move the database."),
    "daemon": Entry("daemon", "Run, stop and look at the process in the background."),
    "shell-init": Entry("shell_init", "Print what gives a shell's prompt the timer."),
    "doctor": Entry("doctor", "Look for what keeps pomo from working well."),
    "completion": Entry("completion", "Print the completion script of a shell."),
}


def run(arguments: list[str]) -> int:
    """Run a command line, and answer its exit code."""
    from pomo_cli.commands.root import make_root
    from pomo_cli.commands.shared import Invocation

    output.occupy_closed()
    call = Invocation()
    try:
        return make_root(COMMANDS).run(arguments, call)
    except BaseException as error:  # noqa: BLE001  # here everything ends
        return exit_code(error, as_json=call.json)


def send(line: bytes) -> int:
    """Send the line of the hot path, which reached no daemon or got no answer; answer the exit code."""
    from pomo_cli.client import Client

    named = line.split(b" ", 2)[1].decode()
    try:
        code, text = Client(profile="" if named == "-" else named, start=not os.environ.get("POMO_NO_AUTOSTART")).text(
            line
        )
        output.write(text.decode("utf-8", "replace"), output.STDERR if code else output.STDOUT)
    except BaseException as error:  # noqa: BLE001
        return exit_code(error, as_json=False)
    return code


def exit_code(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, and answer the exit code for it."""
    if isinstance(error, PomoError):
        return output.complain(error, as_json=as_json)
    if isinstance(error, output.Gone | output.Unwritable):
        return output.failed(error)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return output.complain(_unexpected(error), as_json=as_json)


def _unexpected(error: BaseException) -> PomoError:
    """Keep the traceback for a report, and tell the user where; a terminal is no place for it."""
    import traceback

    path = f"{paths.state_dir()}/cli.log"
    message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    try:
        os.makedirs(paths.state_dir(), mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w", encoding="utf-8", errors="backslashreplace") as opened:
            if os.fstat(fd).st_size > _LOG_BYTES:
                os.ftruncate(fd, 0)
            traceback.print_exception(error, file=opened)
    except OSError:
        return PomoError("internal", f"Something unexpected went wrong: {message}.", f"{path} could not be written.")
    return PomoError("internal", f"Something unexpected went wrong: {message}.", f"Details are in {path}.")
