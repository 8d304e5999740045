"""The record, page by page: a long one needs no more memory than a short one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pomo_cli.client import Client

Interval = Mapping[str, Any]

#: Intervals asked for at a time: they are there long before the daemon would seem not to answer.
PAGE: Final = 500


def pages(client: Client, params: Mapping[str, Any]) -> Iterator[Sequence[Interval]]:
    """Give what `history.list` answers, oldest first; an empty record is no page."""
    asked = {**params, "limit": PAGE}
    while page := client.call("history.list", asked)["intervals"]:
        yield page
        if len(page) < PAGE:
            return
        asked |= {"from": page[-1]["started_at"], "after": page[-1]["interval_id"]}
