"""What a command did, in sentences for people: made from its events, so that every client says the same."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pomo_daemon.application.timer import Outcome
from pomo_daemon.application.views import StatusView
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Interval
from pomo_daemon.protocol.text import clean, clock, length

Data = Mapping[str, Any]

KEPT: Final = "The database is away: this is kept here until it is back."


def message(outcome: Outcome) -> str:
    """Say what happened, a line for each event; where nothing did, how it stands."""
    lines = _what_happened(outcome) if outcome.events else [f"Nothing to do: {_now(outcome.status)}."]
    if outcome.kept:
        lines.append(KEPT)
    return "\n".join(line for line in lines if line)


def _what_happened(outcome: Outcome) -> list[str]:
    lines = [
        phrase(event["data"], outcome.status)
        for event in outcome.events
        if (phrase := _PHRASES.get(EventType(event["type"])))
    ]
    if outcome.task_created and not outcome.kept:
        lines.append(f"New task #{outcome.events[-1]['data']['interval']['task_id']}.")
    return lines


def describe(interval: Interval, task: str | None) -> str:
    """Say what is in the way."""
    what = interval.phase.label
    return f"A {what} is {interval.status}{_named(task)}."


def _named(task: str | None) -> str:
    return f": {clean(task)}" if task else ""


def _phase(data: Data) -> str:
    return str(data["interval"]["phase"]).replace("_", " ").capitalize()


def _task(data: Data) -> str:
    return _named(data["interval"]["task"])


def _spent(data: Data) -> str:
    return length(data["interval"]["elapsed_s"])


def _left(status: StatusView) -> str:
    if status.remaining_s is None:
        return "no deadline"
    return f"{clock(status.remaining_s)} left"


def _now(status: StatusView) -> str:
    if status.phase is None or status.status is None:
        return "idle"
    return f"{status.phase.replace('_', ' ')} is {status.status}, {_left(status)}{_named(status.task)}"


def _started(data: Data, status: StatusView) -> str:
    planned = data["interval"]["planned_s"]
    how_long = f"{length(planned)}" if planned is not None else "no deadline"
    place = f" ({status.cycle}/{status.cycle_length})" if data["interval"]["phase"] == "focus" else ""
    return f"{_phase(data)} started{_task(data)}, {how_long}{place}."


def _completed(data: Data, _status: StatusView) -> str:
    following = (data["next"] or "focus").replace("_", " ")
    start = {"focus": "pomo toggle"}.get(following, "pomo break")
    # A line of its own: with the task's name both would not fit on a narrow terminal.
    then = f"\nA {following} is due: '{start}' starts it." if data["waits"] else ""
    return f"{_phase(data)} completed{_task(data)}, {_spent(data)}.{then}"


def _asleep(data: Data) -> str:
    return " when the machine went to sleep" if data.get("reason") == "suspend" else ""


def _stopped(data: Data, _status: StatusView) -> str:
    return f"{_phase(data)} stopped{_asleep(data)}{_task(data)}, {_spent(data)}; it does not count as a pomodoro."


_PHRASES: Final[dict[EventType, Callable[[Data, StatusView], str]]] = {
    EventType.STARTED: _started,
    EventType.PAUSED: lambda data, status: f"{_phase(data)} paused{_asleep(data)}{_task(data)}, {_left(status)}.",
    EventType.RESUMED: lambda data, status: f"{_phase(data)} goes on{_task(data)}, {_left(status)}.",
    EventType.EXTENDED: lambda data, status: f"{_phase(data)} moved{_task(data)}, {_left(status)}.",
    EventType.REOPENED: lambda data, status: f"{_phase(data)} goes on{_task(data)}, {_left(status)}.",
    EventType.ENDING: lambda _data, _status: "",
    EventType.COMPLETED: _completed,
    EventType.STOPPED: _stopped,
    EventType.SKIPPED: lambda data, _status: f"{_phase(data)} cut short after {_spent(data)}.",
    EventType.CANCELLED: lambda data, _status: f"{_phase(data)} forgotten{_task(data)}, {_spent(data)}.",
    EventType.DISMISSED: lambda data, _status: f"The {(data['next'] or '').replace('_', ' ')} is no longer due.",
}
