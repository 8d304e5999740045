"""Makes docs/reliability.md of what `make reliability` measured, and of what the tests are named."""

import json
from typing import Any, Final

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.faults import FAULTS, Fault
from tests.reliability.found import FOUND
from tests.reliability.frame import RESULTS, Scale

HEAD: Final = """# How it behaves when things break

Each figure is measured by a program in `tests/reliability`, which anybody can run: `make reliability` takes less
than ten minutes on two cores, `make reliability-long` a night, and a small part runs in every `make test`. A failure
prints the one command that repeats it.
"""


def page() -> str:
    """Make the page."""
    with open(RESULTS, encoding="utf-8") as file:
        results = json.load(file)
    return f"{HEAD}\n{_figures(results)}\n{_campaigns(results)}\n{_faults()}\n{_found()}"


def _figures(results: dict[str, Any]) -> str:
    machine = results["machine"]
    measured = results["figures"]
    rows = "".join(
        f"| {figure} | {target} | {measured.get(figure, 'not measured')} |\n"
        for campaign in CAMPAIGNS
        for figure, target in campaign.figures.items()
    )
    return (
        f"## Figures\n\nMeasured on {results['date']} by `{results['command']}`, on {machine['cores']} cores, "
        f"{machine['kernel']}, Python {machine['python']}; it took {_minutes(results)}.\n\n"
        f"| figure | target | measured |\n|---|---|---|\n{rows}"
    )


def _minutes(results: dict[str, Any]) -> str:
    """Answer how long all of it took."""
    minutes, seconds = divmod(results["took"], 60)
    return f"{minutes} min {seconds} s"


def _campaigns(results: dict[str, Any]) -> str:
    rows = "".join(
        f"| `{it.name}` | {it.shows} | {results['seconds'].get(it.name, '-')} s | {_amounts(it.amounts[Scale.FULL])} "
        f"| {_amounts(it.amounts[Scale.LONG])} |\n"
        for it in CAMPAIGNS
    )
    return (
        "## Campaigns\n\n"
        "One alone: `python -m tests.reliability NAME`, and with other amounts: `NAME seeds=5 first=17`. Those\n"
        "that only compute run behind the others, on what these leave of the processors: alone each takes less.\n\n"
        f"| campaign | what it does | took | amounts | in a night |\n|---|---|---|---|---|\n{rows}"
    )


def _amounts(amounts: Any) -> str:
    return ", ".join(f"{key} {value:,}" for key, value in amounts.items()) or "-"


def _faults() -> str:
    rows = "".join(f"| {it.number} | {it.words} | {_shown(it)} |\n" for it in FAULTS)
    return f"## Faults\n\n| | fault | shown by |\n|---|---|---|\n{rows}"


def _shown(fault: Fault) -> str:
    return "<br>".join([*map(_test, fault.tests), *([fault.why] if fault.why else [])])


def _test(name: str) -> str:
    """Name a campaign, or a test with a link to its file."""
    if name.startswith("campaign:"):
        return f"campaign `{name.removeprefix('campaign:')}`"
    file, _, test = name.partition("::")
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../tests/{file})"


def _found() -> str:
    rows = "".join(f"- {it.words} {_test(it.test)}\n" for it in FOUND)
    return f"## What it found in pomo\n\nEach with the test that keeps it from coming back.\n\n{rows}"
