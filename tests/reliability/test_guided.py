"""What is fuzzed with guidance, fed with what it begins with: so much is done without the program that breeds more."""

import pytest

from tests.reliability.guided import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_it_begins_with(name: str) -> None:
    make, seeds = TARGETS[name]
    target = make()
    for seed in seeds:
        target(seed)
        target(seed[::-1])
