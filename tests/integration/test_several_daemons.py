"""Several daemons that are killed on one PostgreSQL: a small part of what `make reliability` does."""

from tests.reliability.several_daemons import campaign


def test_each_deadline_is_settled_once_whatever_is_killed() -> None:
    assert set(campaign(deadlines=100, kills=5, cuts=5, seed=7).values()) == {100}
