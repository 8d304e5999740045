"""Every campaign there is, in the order in which they are run and shown."""

from typing import Final

from tests.reliability import crash_points, frames, inputs, kills, several_daemons, simulation, storage
from tests.reliability.frame import Campaign

CAMPAIGNS: Final[tuple[Campaign, ...]] = (
    simulation.CAMPAIGN,
    crash_points.CAMPAIGN,
    kills.CAMPAIGN,
    storage.CAMPAIGN,
    several_daemons.CAMPAIGN,
    frames.CAMPAIGN,
    inputs.CAMPAIGN,
)
