"""One line in, one answer out: JSON-RPC 2.0 (https://www.jsonrpc.org/specification, without batches) or a text line."""

from collections.abc import Awaitable
from functools import cache
from types import CoroutineType
from typing import Any

import msgspec

from pomo_daemon.protocol.errors import ERRORS, PomoError
from pomo_daemon.protocol.framing import TEXT_WORDS
from pomo_daemon.protocol.messages import Request
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.server import text
from pomo_daemon.server.errors import to_error
from pomo_daemon.server.identity import at_once, opened, require
from pomo_daemon.server.repeated import refuse_repeated
from pomo_daemon.server.routes import ROUTES, Client, LaterRoute, Route

_request = msgspec.json.Decoder(Request)


@cache
def _params(method: str) -> msgspec.json.Decoder[Any]:
    """Make the decoder of a method's params, when it is first called: most methods never are."""
    return msgspec.json.Decoder(ROUTES[method].params)


_encode = msgspec.json.Encoder().encode


def answer(client: Client, line: bytes) -> bytes | Awaitable[bytes]:
    """Answer a line: at once where nothing needs to be waited for. Never raises; an empty answer is none."""
    if line.startswith(TEXT_WORDS):
        return _text(client, line)
    request_id: Any = None
    try:
        request = _request.decode(line)
        request_id = request.id
        # A field has a colon behind its name. Where there are no more of these than known fields, none stands there
        # twice, and the line needs no second reading: so it is for the questions of bars.
        if line.count(b":") > 2 + (request_id is not msgspec.UNSET):
            refuse_repeated(line)
        found = _carry_out(client, request)
    except Exception as error:  # noqa: BLE001  # whatever a client sends or a use case raises, there is an answer
        return failure(request_id, _fault(error, line))
    return _later(request_id, found) if isinstance(found, CoroutineType) else success(request_id, found)


def _carry_out(client: Client, request: Request) -> Any:  # noqa: ANN401  # the result, or what is to be waited for
    route = ROUTES.get(request.method)
    if route is None:
        raise PomoError("protocol.method", f"There is no method {request.method!r}.")
    if METHODS[request.method].needs == "login":
        # Found out anew for each call: a login may have ended since the last one.
        client.who = at_once(client.services, client.peer, client.token)
        if client.who is None:
            return _admitted(client, route, request)
    return route.handler(client, _params(request.method).decode(request.params))


async def _admitted(client: Client, route: Route | LaterRoute, request: Request) -> Any:  # noqa: ANN401
    client.who = await require(client.services, client.peer, client.token)
    found = route.handler(client, _params(request.method).decode(request.params))
    return await found if isinstance(found, CoroutineType) else found


async def _later(request_id: Any, awaited: Awaitable[Any]) -> bytes:  # noqa: ANN401
    try:
        return success(request_id, await awaited)
    except Exception as error:  # noqa: BLE001
        return failure(request_id, _fault(error, b""))


def _text(client: Client, line: bytes) -> bytes | Awaitable[bytes]:
    """Answer a text line at once where its profile is open and its user known, else later."""
    words = line.split(b" ", 3)
    if len(words) < 4:  # noqa: PLR2004  # verb, profile, token, and what is asked
        return text.refusal(PomoError("protocol.error"))
    profiles = client.host.profiles
    name = profiles.in_use if words[1] == b"-" else words[1].decode("utf-8", "replace")
    token = None if words[2] == b"-" else words[2].decode("utf-8", "replace")
    services = profiles.opened(name)
    who = at_once(services, client.peer, token) if services is not None else None
    if services is None or who is None:
        return _text_later(client, name, token, line)
    return text.answer(line, who, services)


async def _text_later(client: Client, name: str, token: str | None, line: bytes) -> bytes:
    try:
        services = await opened(client.host.profiles, name)
        who = await require(services, client.peer, token)
    except Exception as error:  # noqa: BLE001
        return text.refusal(to_error(error))
    found = text.answer(line, who, services)
    return found if isinstance(found, bytes) else await found


def success(request_id: Any, result: Any) -> bytes:  # noqa: ANN401
    """Frame a result; none for a notification."""
    if request_id is msgspec.UNSET:
        return b""
    return _encode({"jsonrpc": "2.0", "id": request_id, "result": result}) + b"\n"


def failure(request_id: Any, error: PomoError) -> bytes:  # noqa: ANN401
    """Frame an error; none for a notification."""
    if request_id is msgspec.UNSET:
        return b""
    data = {"code": error.code, "message": error.message, "hint": error.hint}
    body = {"code": ERRORS[error.code].rpc, "message": error.message, "data": data}
    return _encode({"jsonrpc": "2.0", "id": request_id, "error": body}) + b"\n"


def _fault(error: Exception, line: bytes) -> PomoError:
    """Tell a message that is wrong from a use case that refused."""
    match error:
        case msgspec.ValidationError():
            code = "validation" if b'"params' in line and "$.params" not in str(error) else "protocol.error"
            return PomoError(code, f"{error}.")
        case msgspec.DecodeError() | UnicodeDecodeError():
            return PomoError("protocol.parse", f"The line is not JSON: {error}.")
        case RecursionError():
            return PomoError("protocol.error", "The message is nested too deeply.")
        case _:
            return to_error(error)
