"""The OpenRPC document (https://spec.open-rpc.org, 1.3) of the wire, made from the method table and the messages."""

from functools import cache
from typing import Any

import msgspec

from pomo_daemon.protocol.errors import ERRORS
from pomo_daemon.protocol.messages import Event
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.protocol.version import PROTOCOL
from pomo_daemon.server.routes import ROUTES


@cache
def encoded() -> msgspec.Raw:
    """Answer the document as it is sent. It takes 25 ms to make, for which everybody would wait each time."""
    return msgspec.Raw(msgspec.json.encode(document()))


def document() -> dict[str, Any]:
    """Make the document."""
    types = [it for route in ROUTES.values() for it in (route.params, route.result)]
    schemas, components = msgspec.json.schema_components([*types, Event], ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, schemas, strict=False))
    return {
        "openrpc": "1.3.2",
        "info": {"title": "pomo daemon", "version": str(PROTOCOL)},
        "methods": [
            {
                "name": method.name,
                "summary": method.summary,
                "paramStructure": "by-name",
                "params": _params(components, by_type[ROUTES[method.name].params]),
                "result": {"name": "result", "schema": by_type[ROUTES[method.name].result]},
                "errors": [{"code": row.rpc, "message": code} for code, row in ERRORS.items()],
                "x-needs": method.needs,
                "x-mutates": method.mutates,
            }
            for method in METHODS.values()
        ],
        "components": {"schemas": components},
    }


def _params(components: dict[str, Any], reference: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components[reference["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    return [
        {"name": name, "required": name in required, "schema": field} for name, field in schema["properties"].items()
    ]
