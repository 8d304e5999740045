"""The registry of export formats."""

from collections.abc import Callable, Iterator
from typing import Final

from pomo_cli.exports.calendar import to_ics
from pomo_cli.exports.lists import to_taskwarrior, to_todotxt
from pomo_cli.exports.record import Record
from pomo_cli.exports.trackers import to_openpomodoro, to_timewarrior, to_watson
from pomo_cli.exports.values import to_csv, to_json

FORMATS: Final[dict[str, Callable[[Record], Iterator[str]]]] = {
    "json": to_json,
    "csv": to_csv,
    "ics": to_ics,
    "timewarrior": to_timewarrior,
    "watson": to_watson,
    "openpomodoro": to_openpomodoro,
    "taskwarrior": to_taskwarrior,
    "todotxt": to_todotxt,
}
