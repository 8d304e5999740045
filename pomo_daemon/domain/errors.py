"""What can be wrong with a request, in the words of the field. The wire's table gives each code its numbers."""

from typing import ClassVar

from pomo_daemon.domain.interval import Interval


class DomainError(Exception):
    """A refusal: nothing was changed. `code` is a row of the error table; an empty hint takes the row's."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Invalid(DomainError):
    """A value is not acceptable; the message names the field and the limit."""

    code = "validation"


class TimerIdle(DomainError):
    """The command needs a current interval and there is none."""

    code = "timer.idle"


class TimerConflict(DomainError):
    """The command does not fit what is current: `interval`, with its task's name where it has one."""

    code = "timer.conflict"

    def __init__(self, interval: Interval, task: str | None = None) -> None:
        what = "break" if interval.phase.is_break else "focus"
        super().__init__(f"A {what} is {interval.status}.")
        self.interval = interval
        self.task = task


class Overlap(DomainError):
    """The time asked for is already taken by a recorded interval."""

    code = "history.overlap"


class TaskNotFound(DomainError):
    """No task of this user has that number."""

    code = "task.not_found"


class TaskAmbiguous(DomainError):
    """Several open tasks carry the name."""

    code = "task.ambiguous"


class ScheduleNotFound(DomainError):
    """No schedule of this user has that number."""

    code = "schedule.not_found"


class IntervalNotFound(DomainError):
    """No interval of this user has that number."""

    code = "interval.not_found"


class CategoryNotFound(DomainError):
    """No category of this user has that number or name."""

    code = "category.not_found"


class CategoryExists(DomainError):
    """Another category has the name."""

    code = "category.exists"


class CategoryInUse(DomainError):
    """Tasks belong to the category, and it was not said where they go."""

    code = "category.in_use"


class TimerNotRunning(DomainError):
    """The command needs a clock that runs."""

    code = "timer.not_running"


class NothingToUndo(DomainError):
    """There is no change to take back, or to do again."""

    code = "undo.nothing"


class UndoConflict(DomainError):
    """What the change left behind is no longer there as it left it."""

    code = "undo.conflict"


class ImportNotFound(DomainError):
    """No import of this user under way has that number: it was left alone for too long, or another one was begun."""

    code = "import.not_found"


class UserExists(DomainError):
    """Another account has the name or the address."""

    code = "user.exists"


class WrongPassword(DomainError):
    """The name or the password is wrong; which of them is not said."""

    code = "auth.invalid_credentials"


class InvalidToken(DomainError):
    """A token that was never given out, has expired, or whose login has ended; which of these is not said."""

    code = "auth.invalid_token"


class LoginRequired(DomainError):
    """What is asked for needs a login by password."""

    code = "auth.required"


class TooManyAttempts(DomainError):
    """Too many passwords were wrong; the message says for how many seconds none is looked at."""

    code = "auth.rate_limited"


class Forbidden(DomainError):
    """The settings do not allow it."""

    code = "auth.forbidden"


class LoginNotFound(DomainError):
    """No login of this user that still lasts has that number."""

    code = "login.not_found"
