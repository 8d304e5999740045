"""Routes of imports: loaded when the first one comes."""

from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

from pomo_daemon.application.arriving import Summary
from pomo_daemon.domain import incoming
from pomo_daemon.protocol import import_messages as i
from pomo_daemon.protocol.messages import NoParams
from pomo_daemon.server.replies import who
from pomo_daemon.server.routes import Route

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client

#: Of each kind of row, how its fields are taken out, and what is made of them.
_ROWS: Final = {
    row: (attrgetter(*row.__struct_fields__), made._make)
    for row, made in (
        (i.CategoryRow, incoming.CategoryIn),
        (i.TaskRow, incoming.TaskIn),
        (i.IntervalRow, incoming.IntervalIn),
        (i.GapRow, incoming.GapIn),
        (i.InterruptionRow, incoming.InterruptionIn),
        (i.CommitRow, incoming.CommitIn),
    )
}


def _row(row: i.Row) -> incoming.Row:
    fields, make = _ROWS[type(row)]
    return make(fields(row))


def begin(client: "Client", params: i.BeginParams) -> i.BeginResult:
    """Begin an import."""
    return i.BeginResult(client.services.imports().begin(who(client), params.name, params.overlap))


async def append(client: "Client", params: i.AppendParams) -> i.AppendResult:
    """Hand in rows."""
    found = await client.services.imports().append(
        who(client), params.import_id, params.seq, [_row(it) for it in params.rows], done=params.done
    )
    return i.AppendResult(tuple(i.Problem(it.line, it.message) for it in found))


def _result(summary: Summary) -> i.ImportResult:
    return msgspec.convert(summary._asdict(), i.ImportResult)


async def preview(client: "Client", params: i.ImportParams) -> i.ImportResult:
    """Tell what an import would bring."""
    return _result(await client.services.imports().preview(who(client), params.import_id))


async def commit(client: "Client", params: i.CommitParams) -> i.ImportResult:
    """Take all rows over."""
    return _result(await client.services.imports().commit(who(client), params.import_id, params.request_id))


def abandon(client: "Client", params: i.ImportParams) -> NoParams:
    """Forget an import."""
    client.services.imports().abandon(who(client), params.import_id)
    return NoParams()


ROUTES: Final = {
    "import.begin": Route(i.BeginParams, i.BeginResult, begin),
    "import.append": Route(i.AppendParams, i.AppendResult, append),
    "import.preview": Route(i.ImportParams, i.ImportResult, preview),
    "import.commit": Route(i.CommitParams, i.ImportResult, commit),
    "import.abandon": Route(i.ImportParams, NoParams, abandon),
}
