"""Every campaign there is, in the order in which they are run and shown."""

from typing import Final

from tests.reliability import several_daemons
from tests.reliability.frame import Campaign

CAMPAIGNS: Final[tuple[Campaign, ...]] = (several_daemons.CAMPAIGN,)
