"""Figures that ordinary tests measure: they are run again by name, and must all pass."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.frame import Campaign, Outcome, Scale, spread

ROOT: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
STATEFUL: Final = "stateful model test"
STEPS: Final = 50
#: Lives of the model in one process.
SHARE: Final = 250


def passed(*tests: str) -> tuple[int, str]:
    """Run tests; answer how many passed, and what else pytest says of them."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )
    summary = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-300:]
    found = re.search(r"(\d+) passed", summary)
    return int(found[1]) if found else 0, "" if done.returncode == 0 else summary


def by_tests(figure: str, says: str, *tests: str) -> Callable[[], Outcome]:
    """Answer a campaign that runs tests."""

    def run() -> Outcome:
        count, wrong = passed(*(f"tests/{it}" for it in tests))
        again = f"pytest {' '.join(f'tests/{it}' for it in tests)}"
        return Outcome({figure: f"{says.format(count)}"}, [f"{wrong}: {again}"] if wrong else [])

    return run


def model(number_and_lives: tuple[int, int]) -> Outcome:
    """Hold so many lives of a user against plain rules."""
    from tests.unit.application.test_life_of_a_user import LifeOfAUser

    number, lives = number_and_lives
    machine = seed(1000 + number)(type("LifeOfAUser", (LifeOfAUser,), {}))
    how = settings(
        max_examples=lives,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    try:
        run_state_machine_as_test(machine, settings=how)
    except Exception as error:  # noqa: BLE001  # that is what is looked for
        return Outcome({}, [f"{type(error).__name__}: {error}: python -m tests.reliability model first={number}"])
    return Outcome({})


def models(first: int, lives: int) -> Outcome:
    """Hold lives against the model, in parts."""
    parts = [(first + it, min(SHARE, lives - it)) for it in range(0, lives, SHARE)]
    broken = [it for outcome in spread(model, parts) for it in outcome.broken]
    return Outcome({STATEFUL: f"{lives:,} x {STEPS} steps: {len(broken)} broken"}, broken)


def _campaign(name: str, shows: str, figure: str, target: str, run: Callable[[], Outcome]) -> Campaign:
    return Campaign(name, shows, {figure: target}, run, {it: {} for it in Scale}, timed=True)


ISOLATION: Final = _campaign(
    "isolation",
    "Every method that takes an id is given another user's; other OS users connect; logs, arguments and tracebacks are "
    "searched for secrets.",
    "isolation",
    "every method x another user's ids: not found; other OS users refused; 0 secrets in logs, argv, tracebacks",
    by_tests(
        "isolation",
        "{} cases, all refused, nothing found",
        "integration/server/test_ids_of_others.py",
        "integration/server/test_peers.py",
        "e2e/test_auth.py::test_passwords_and_tokens_are_found_nowhere_but_in_the_token_file",
        "integration/test_logins.py::test_no_password_and_no_token_is_in_the_database_or_in_the_log",
    ),
)
LOGIN: Final = _campaign(
    "login",
    "Names that exist and names that do not, and twenty refreshes at once, on SQLite and PostgreSQL.",
    "login",
    "exactly one key derivation per attempt on both paths; 20 concurrent refreshes -> 1 successor",
    by_tests(
        "login",
        "{} cases: one derivation, one successor, nobody logged out",
        "contract/test_passwords.py::test_each_path_takes_one_derivation_from_the_first_call_on",
        "unit/application/test_auth.py::test_an_unknown_name_and_a_wrong_password_are_told_alike_and_cost_alike",
        "integration/test_logins.py::test_20_refreshes_at_once_have_one_successor_and_log_nobody_out",
    ),
)
MODEL: Final = Campaign(
    name="model",
    shows="Random days of a user, with restarts and clocks that are set, held against plain rules after each step.",
    figures={STATEFUL: "2,000 x 50 steps against a model"},
    run=models,
    amounts={
        Scale.PART: {"first": 0, "lives": 20},
        Scale.FULL: {"first": 100, "lives": 2000},
        Scale.LONG: {"first": 10_000, "lives": 100_000},
    },
)
