"""The text line, rendered here so that the client only copies bytes (form: protocol/framing.py)."""

from collections.abc import Awaitable, Callable
from typing import Final

from pomo_daemon.application.timer import Identity, TaskChoice, TimerService
from pomo_daemon.application.views import StatusView
from pomo_daemon.domain import timer
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server import report
from pomo_daemon.server.errors import to_error
from pomo_daemon.server.outputs import check, i3blocks, i3status_rs, json, plain, polybar, template, tmux, waybar
from pomo_daemon.server.phrases import message
from pomo_daemon.server.services import Services

OUTPUTS: Final[dict[str, Callable[[StatusView], str]]] = {
    "plain": plain.render,
    "json": json.render,
    "waybar": waybar.render,
    "i3status-rs": i3status_rs.render,
    "i3blocks": i3blocks.render,
    "polybar": polybar.render,
    "tmux": tmux.render,
}
COMMANDS: Final[dict[str, timer.Command]] = {
    "start": timer.Start(),
    "break": timer.Break(),
    "repeat": timer.Repeat(),
    "pause": timer.Pause(),
    "resume": timer.Resume(),
    "toggle": timer.Toggle(),
    "stop": timer.Stop(),
    "finish": timer.Finish(),
    "cancel": timer.Cancel(),
    "skip": timer.Skip(),
}

_FORMS: Final = ("plain", "drawn")
_PERIODS: Final = ("-", "day", "week", "month", "year")


def ok(text: str) -> bytes:
    """Frame an answer."""
    body = text.encode()
    return b"ok %d\n%b" % (len(body), body)


def refusal(error: PomoError) -> bytes:
    """Frame an error: what, and what to do."""
    body = f"pomo: {error.message}\n      {error.hint}".encode()
    return b"error %d %d\n%b" % (error.exit, len(body), body)


def answer(line: bytes, who: Identity, services: Services) -> bytes | Awaitable[bytes]:
    """Answer a text line at once where memory has what it asks for, else later."""
    timers = services.timers
    try:
        words = line.decode().split(" ")
        if words[0] == "status":
            status = timers.peek(who)
            return _later(words, who, timers) if status is None else _render(words, status)
        return _report(words, who, services) if words[0] == "report" else _do(words, who, timers)
    except Exception as error:  # noqa: BLE001  # whatever it was, the client is told
        return refusal(_fault(error))


def renderer(output: str, argument: str) -> Callable[[StatusView], str]:
    """Answer what renders a status. Raises PomoError for an output that does not exist."""
    if output == "template":
        return lambda status: template.render(status, argument)
    render = OUTPUTS.get(output)
    if render is None:
        raise PomoError("validation", f"output: there is no {output!r}.", f"Outputs: {', '.join(OUTPUTS)}.")
    return render


def _fault(error: Exception) -> PomoError:
    return PomoError("protocol.error") if isinstance(error, UnicodeDecodeError | IndexError) else to_error(error)


def _render(words: list[str], status: StatusView) -> bytes:
    _status, _profile, _token, output, *rest = words
    argument = " ".join(rest)
    if output == "check":
        return ok("") if check.holds(status, argument) else b"error 1 0\n"
    return ok(renderer(output, argument)(status))


async def _later(words: list[str], who: Identity, timers: TimerService) -> bytes:
    try:
        return _render(words, await timers.status(who))
    except Exception as error:  # noqa: BLE001
        return refusal(_fault(error))


async def _report(words: list[str], who: Identity, services: Services) -> bytes:
    try:
        period, columns, drawn = _parse_report(words)
        return ok(await report.as_text(services, who, period, columns, drawn=drawn))
    except Exception as error:  # noqa: BLE001
        return refusal(_fault(error))


def _parse_report(words: list[str]) -> tuple[str, int, bool]:
    columns, form, period = words[3], words[4], " ".join(words[5:])
    if not columns.isdecimal() or len(columns) > 4 or form not in _FORMS or period not in _PERIODS:  # noqa: PLR2004
        raise PomoError("protocol.error")
    return period.removeprefix("-"), int(columns), form == "drawn"


async def _do(words: list[str], who: Identity, timers: TimerService) -> bytes:
    try:
        command, request_id, rest = _parse_do(words)
        task = TaskChoice(" ".join(rest)) if rest else None
        return ok(message(await timers.run(who, command, task=task, request_id=request_id)))
    except Exception as error:  # noqa: BLE001
        return refusal(_fault(error))


def _parse_do(words: list[str]) -> tuple[timer.Command, str, list[str]]:
    if len(words) < 5 or not 8 <= len(words[3]) <= 64:  # noqa: PLR2004  # do, profile, token, request id, verb
        raise PomoError("protocol.error")
    command = COMMANDS.get(words[4])
    if command is None or (words[5:] and words[4] != "start"):
        raise PomoError("protocol.error", f"There is no text command {' '.join(words[4:])!r}.")
    return command, words[3], words[5:]
