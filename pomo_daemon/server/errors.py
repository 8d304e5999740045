"""From an exception to a reply: the only place of the daemon where one becomes the other."""

import logging

from pomo_daemon.application.ports import StoreError
from pomo_daemon.domain.errors import DomainError, TimerConflict
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean
from pomo_daemon.server.phrases import describe

log = logging.getLogger(__name__)


def to_error(error: BaseException) -> PomoError:
    """Answer the error of the table that an exception means; one that nobody expected is logged whole."""
    match error:
        case PomoError():
            return error
        case TimerConflict():
            hint = (
                "Let it run, or replace it: 'pomo start --replace'."
                if not error.interval.phase.is_break
                else "End it first: 'pomo stop' or 'pomo skip'."
            )
            return PomoError(error.code, describe(error.interval, error.task), hint)
        case DomainError():
            return PomoError(error.code, clean(error.message), error.hint)
        case StoreError():
            return PomoError(error.code, error.message, error.hint)
        case _:
            log.error("a request failed", exc_info=error)
            return PomoError("internal")
