"""A small part of every campaign; `make reliability` runs them whole."""

import pytest

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.frame import Campaign, Scale


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda it: it.name)
def test_a_part_of_it_breaks_nothing(campaign: Campaign) -> None:
    outcome = campaign.at(Scale.PART)
    assert outcome.broken == []
    assert set(outcome.measured) == set(campaign.figures)
