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
        Method("timer.interrupt", "login", True, "Mark an interruption; the clock runs on."),
        Method("timer.status", "login", False, "Answer the state of the timer."),
        Method("timer.follow", "login", False, "Turn the connection into a stream of what `status` would print."),
        Method("history.list", "login", False, "List intervals."),
        Method("history.add", "login", True, "Record a focus that was forgotten."),
        Method("history.edit", "login", True, "Correct an interval."),
        Method("history.delete", "login", True, "Take an interval out of the record."),
        Method("import.begin", "login", False, "Begin an import: what comes is kept aside until it is all there."),
        Method("import.append", "login", False, "Hand in rows; answer what is wrong with them."),
        Method("import.preview", "login", False, "Tell what an import would bring."),
        Method("import.commit", "login", True, "Take all rows over, in one transaction that can be undone."),
        Method("import.abandon", "login", False, "Forget an import that is not wanted any more."),
        Method("report.period", "login", False, "Sum up a day, week, month, year or any days."),
        Method("report.estimates", "login", False, "Hold estimates against what tasks took."),
        Method("report.interruptions", "login", False, "Tell what broke in, when, and of which kind."),
        Method(
            "report.calendar",
            "login",
            False,
            "Answer totals of days, and streaks of those that reached the goal.",
        ),
        Method("task.add", "login", True, "Make a task."),
        Method("task.list", "login", False, "List tasks."),
        Method("task.show", "login", False, "Answer a task with everything that happened on it."),
        Method("task.edit", "login", True, "Change a task."),
        Method("task.done", "login", True, "Mark a task as done."),
        Method("task.reopen", "login", True, "Mark a task as not done."),
        Method("task.delete", "login", True, "Delete a task; it can be restored."),
        Method("task.restore", "login", True, "Bring a deleted task back."),
        Method("category.list", "login", False, "List categories."),
        Method("category.add", "login", True, "Make a category."),
        Method("category.rename", "login", True, "Give a category another name."),
        Method("category.delete", "login", True, "Delete a category, and say where its tasks go."),
        Method("schedule.list", "login", False, "List schedules with their next three times."),
        Method("schedule.add", "login", True, "Start a task, or show a text, at the times of a cron expression."),
        Method("schedule.pause", "login", True, "Let a schedule rest."),
        Method("schedule.resume", "login", True, "Go on with a schedule, on the clock of the zone in use now."),
        Method("schedule.delete", "login", True, "Delete a schedule."),
        Method("change.list", "login", False, "List what can be undone."),
        Method("change.undo", "login", True, "Take the latest change back."),
        Method("change.redo", "login", True, "Do again what was undone last."),
        Method("git.note", "login", True, "Note a commit on the current focus, if there is one."),
        Method("hooks.list", "login", False, "List hooks, those too that do not run."),
        Method("hooks.test", "login", False, "Run the hooks of a type of event with one that is made up."),
        Method("hooks.runs", "login", False, "List the latest runs of hooks."),
        Method("events.list", "login", False, "List events, oldest first."),
        Method("events.subscribe", "login", False, "Turn the connection into a stream of events."),
        Method("auth.register", "none", False, "Make an account with a password."),
        Method("auth.login", "none", False, "Log a device in, by a password."),
        Method("auth.refresh", "none", False, "Exchange a refresh token for new tokens."),
        Method("auth.logout", "login", False, "End the login of this connection."),
        Method("auth.whoami", "login", False, "Tell who the client is to the daemon, and by what."),
        Method("auth.passwd", "login", False, "Change the password; all other logins end."),
        Method("auth.logins", "login", False, "List the logins that last."),
        Method("auth.revoke", "login", False, "End a login."),
        Method("daemon.info", "none", False, "Tell about the daemon."),
        Method("daemon.examine", "login", False, "Look at the database, the desktop and the hooks; takes its time."),
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
