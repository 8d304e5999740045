"""Every campaign there is, in the order in which they are shown."""

from typing import Final

from tests.reliability import (
    crash_points,
    frames,
    frozen,
    inputs,
    kills,
    named_tests,
    neglect,
    partitions,
    several_daemons,
    simulation,
    sinks,
    start_race,
    storage,
)
from tests.reliability.frame import Campaign

CAMPAIGNS: Final[tuple[Campaign, ...]] = (
    simulation.CAMPAIGN,
    crash_points.CAMPAIGN,
    kills.CAMPAIGN,
    storage.CAMPAIGN,
    several_daemons.CAMPAIGN,
    partitions.CAMPAIGN,
    frames.CAMPAIGN,
    inputs.CAMPAIGN,
    sinks.CAMPAIGN,
    neglect.CAMPAIGN,
    frozen.CAMPAIGN,
    start_race.CAMPAIGN,
    named_tests.ISOLATION,
    named_tests.LOGIN,
    named_tests.MODEL,
)
