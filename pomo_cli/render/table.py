"""Rows as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pomo_daemon.protocol.text import REPLACED

#: What a spreadsheet takes for the begin of a formula (OWASP, "CSV Injection").
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
#: Lines and tabs may stand in a field.
_REPLACED: Final = {code: by for code, by in REPLACED.items() if chr(code) not in "\t\n"}


def neutral(value: object) -> object:
    """Answer a value that no spreadsheet computes and no terminal obeys.

    Text that looks like a formula gets an apostrophe before it.
    """
    if not isinstance(value, str):
        return value
    mark = "'" if value.startswith((*FORMULA, "'")) else ""
    return mark + value.translate(_REPLACED)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write a head and rows."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([neutral("" if row[name] is None else row[name]) for name in columns] for row in rows)
    return paper.getvalue()
