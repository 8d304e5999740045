"""A connection to the server without a socket."""

import json
from dataclasses import dataclass, field
from typing import Any

from pomo_daemon.application.timer import Identity
from pomo_daemon.server import dispatcher
from pomo_daemon.server.hub import Listener
from pomo_daemon.server.services import Host, Peer, Services


@dataclass
class Caller:
    """A connection of one user, without a socket."""

    host: Host
    peer: Peer
    services: Services
    who: Identity | None
    token: str | None = None
    hook_depth: int = 0
    lines: list[bytes] = field(default_factory=list)

    def send(self, line: bytes) -> None:
        self.lines.append(line)

    def close(self) -> None:
        raise AssertionError

    def enter(self, services: Services, token: str | None, hook_depth: int = 0) -> None:
        self.services, self.token, self.hook_depth = services, token, hook_depth

    def subscribe(self, subscription: Listener) -> None:
        self.services.hub.add(subscription)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        found = dispatcher.answer(self, line)
        answer: dict[str, Any] = json.loads(found if isinstance(found, bytes) else await found)
        return answer
