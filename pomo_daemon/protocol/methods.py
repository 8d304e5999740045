"""The method table: name, what it needs, whether it changes anything.

docs/protocol.md and rpc.discover are made from it.
"""

from typing import Final, Literal, NamedTuple

Need = Literal["none", "login"]


class Method(NamedTuple):
    """One method of the wire. `mutates`: takes a `request_id` and may safely be sent again under the same one."""

    name: str
    needs: Need
    mutates: bool
    summary: str


METHODS: Final[dict[str, Method]] = {
    method.name: method
    for method in (
        Method("hello", "none", False, "Agree on versions; name the profile."),
        Method("rpc.discover", "none", False, "Answer the OpenRPC document of this daemon."),
        Method("timer.start", "login", True, "Start a focus interval."),
        Method("timer.break", "login", True, "Start a break."),
        Method("timer.repeat", "login", True, "Start a focus like the one before."),
        Method("timer.pause", "login", True, "Pause the current interval."),
        Method("timer.resume", "login", True, "Go on with the paused interval."),
        Method("timer.toggle", "login", True, "Pause or go on; start what is due, or a focus."),
        Method("timer.stop", "login", True, "End the current interval; a focus does not count as a pomodoro."),
        Method("timer.finish", "login", True, "End the current interval early and count it."),
        Method("timer.cancel", "login", True, "Forget the current interval."),
        Method("timer.skip", "login", True, "Go on to the next phase."),
        Method("timer.extend", "login", True, "Move the deadline of the current interval."),
        Method("timer.status", "login", False, "Answer the state of the timer."),
        Method("history.list", "login", False, "List intervals."),
        Method("events.subscribe", "login", False, "Turn the connection into a stream of events."),
        Method("daemon.info", "none", False, "Tell about the daemon."),
        Method("daemon.stop", "login", False, "Stop the daemon; a running interval goes on in the database."),
    )
}

#: The timer's verbs: what `do` takes, and what stands behind `timer.`.
VERBS: Final = (
    "start",
    "break",
    "repeat",
    "pause",
    "resume",
    "toggle",
    "stop",
    "finish",
    "cancel",
    "skip",
)
