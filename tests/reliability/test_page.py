"""The page about reliability claims nothing that is not there."""

import ast
import os

import pytest

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.faults import FAULTS, Fault
from tests.reliability.found import FOUND
from tests.reliability.frame import Scale

TESTS = os.path.dirname(os.path.dirname(__file__))


def functions(file: str) -> set[str]:
    """Answer the functions of a file below tests/, those of classes too."""
    with open(f"{TESTS}/{file}", encoding="utf-8") as opened:
        tree = ast.parse(opened.read())
    return {it.name for it in ast.walk(tree) if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef)}


def exists(name: str) -> bool:
    if name.startswith("campaign:"):
        return name.removeprefix("campaign:") in {it.name for it in CAMPAIGNS}
    file, _, test = name.partition("::")
    return test.startswith("test_") and test in functions(file)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda it: str(it.number))
def test_every_test_that_a_fault_names_exists_and_what_has_none_says_why(fault: Fault) -> None:
    assert [it for it in fault.tests if not exists(it)] == []
    assert fault.tests or fault.why


def test_no_fault_is_left_out() -> None:
    assert [it.number for it in FAULTS] == list(range(1, 88))


def test_every_bug_that_was_found_has_a_test() -> None:
    assert [it.words for it in FOUND if not exists(it.test)] == []


def test_every_campaign_is_run_at_every_scale_and_measures_something_of_its_own() -> None:
    figures = [figure for it in CAMPAIGNS for figure in it.figures]
    assert len(figures) == len(set(figures))
    assert all(it.figures and set(it.amounts) == set(Scale) for it in CAMPAIGNS)
