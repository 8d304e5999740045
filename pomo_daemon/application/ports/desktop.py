"""What a use case needs of the desktop: to tell its user something, and to know whether they are there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


class Board(Protocol):
    """Where shells look how the timer stands."""

    def show(self, text: str) -> None:
        """Show this text alone; none for an empty one. Never fails: the log tells."""
        ...


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a notification; `action` is a timer verb (`break`, `skip`, `extend`, `resume`, `toggle`)."""

    action: str
    label: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What to show. Plain text: escaping is the adapter's affair. `on_press` is called on the event loop."""

    title: str
    body: str
    urgent: bool = False
    sound: bool = False
    buttons: tuple[Button, ...] = ()
    on_press: Callable[[str], None] | None = field(default=None, compare=False)


class Notifier(Protocol):
    """The desktop."""

    async def show(self, notification: Notification) -> bool:
        """Show it in place of the one before, within a bounded time; tell whether a server took it. Never raises."""
        ...

    async def close(self) -> None:
        """Let go of the bus."""
        ...


class Idle(Protocol):
    """Whether somebody sits there."""

    async def idle(self) -> timedelta | None:
        """Answer how long there was no input; None where nobody knows. Within a bounded time, and never raises."""
        ...


@dataclass(frozen=True, slots=True)
class HookEvent:
    """An event as its hooks are told of it: `document` on stdin, `variables` in the environment."""

    event_id: str
    type: str
    document: Mapping[str, Any]
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hook:
    """A program that is to run at a type of event; `problem` says why it does not, empty if it does."""

    event: str
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class HookRun:
    """What came of a hook: `problem` is empty where it ended well; `cut`: it said more than `output`."""

    at: datetime
    event: str
    event_id: str
    path: str
    problem: str
    duration_ms: int
    output: str
    cut: bool


class Hooks(Protocol):
    """The user's programs."""

    def exist(self) -> bool:
        """Tell whether there may be any hook at all; cheap."""
        ...

    def list(self) -> Sequence[Hook]:
        """Answer every hook there is, those too that do not run."""
        ...

    async def run(self, event: HookEvent) -> Sequence[HookRun]:
        """Run the hooks for an event in order, each within a bounded time. What fails is told, never raised."""
        ...

    async def runs(self, limit: int) -> Sequence[HookRun]:
        """Answer the latest runs, oldest first."""
        ...
