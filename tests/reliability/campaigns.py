"""Every campaign there is, in the order in which they are run and shown."""

from typing import Final

from tests.reliability import several_daemons, simulation
from tests.reliability.frame import Campaign

CAMPAIGNS: Final[tuple[Campaign, ...]] = (simulation.CAMPAIGN, several_daemons.CAMPAIGN)
