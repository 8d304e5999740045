"""A small part of every campaign; `make reliability` runs them whole."""

import pytest

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.frame import Campaign, Scale

#: Those that have no amounts run tests, which are run anyway.
MEASURING = [it for it in CAMPAIGNS if it.amounts[Scale.PART]]


@pytest.mark.parametrize("campaign", MEASURING, ids=lambda it: it.name)
def test_a_part_of_it_breaks_nothing(campaign: Campaign) -> None:
    outcome = campaign.at(Scale.PART)
    assert outcome.broken == []
    assert set(outcome.measured) == set(campaign.figures)
