"""A daemon with one profile, which is open."""

from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.services import Services


class OneProfile:
    """Implements server.services.Profiles."""

    def __init__(self, services: Services) -> None:
        self.services = services

    @property
    def in_use(self) -> str:
        return self.services.profile

    def opened(self, name: str) -> Services | None:
        return self.services if name == self.services.profile else None

    async def open(self, name: str) -> Services:
        if name != self.services.profile:
            raise PomoError("profile.not_found")
        return self.services
