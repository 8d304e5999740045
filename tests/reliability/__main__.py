"""Run campaigns: python -m tests.reliability [--scale full] [--write] [NAME [AMOUNT=NUMBER ...]].

With `--write` the outcome is kept for docs/reliability.md. With amounts a single campaign is run by these, which is how
a failure is repeated.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.frame import RESULTS, Campaign, Scale
from tests.reliability.lanes import Told, by_name, run, side_by_side


def machine() -> dict[str, str]:
    """Answer where this runs."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def tell(told: Told) -> None:
    """Tell of a campaign that has ended, in one piece."""
    name, outcome, took = told
    campaign = by_name(name)
    lines = [f"{name}: {campaign.shows}"]
    lines += [f"  {it}: {measured} (target: {campaign.figures[it]})" for it, measured in outcome.measured.items()]
    lines += [f"  BROKEN: {it}" for it in outcome.broken]
    print("\n".join([*lines, f"  {took:.0f} s"]), flush=True)


def wanted(arguments: Sequence[str]) -> tuple[list[Campaign], dict[str, int]]:
    """Answer which campaigns are named, all if none is, and the amounts that are given."""
    names = [it for it in arguments if "=" not in it]
    pairs = [it.split("=", 1) for it in arguments if "=" in it]
    if unknown := set(names) - {it.name for it in CAMPAIGNS}:
        sys.exit(f"There is no campaign {', '.join(sorted(unknown))}: {', '.join(it.name for it in CAMPAIGNS)}.")
    return [it for it in CAMPAIGNS if it.name in names or not names], {key: int(value) for key, value in pairs}


def main() -> int:
    """Run what is asked for; answer 1 if anything was broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=Scale, choices=list(Scale), default=Scale.FULL)
    parser.add_argument("--write", action="store_true", help="keep the outcome for docs/reliability.md")
    parser.add_argument("what", nargs="*")
    asked = parser.parse_args()
    if asked.write and asked.what:
        parser.error("what is written down is a run of everything")
    campaigns, amounts = wanted(asked.what)
    command = "make reliability-long" if asked.scale is Scale.LONG else "make reliability"
    results: dict[str, Any] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "command": command, "machine": machine()}
    results["figures"], results["seconds"], broken, began = {}, {}, False, time.monotonic()
    asked_of = [(it.name, {**it.amounts[asked.scale], **amounts}) for it in campaigns]
    for told in map(run, asked_of) if len(asked_of) == 1 else side_by_side(asked_of):
        tell(told)
        name, outcome, took = told
        results["figures"].update(outcome.measured)
        results["seconds"][name] = round(took)
        broken |= bool(outcome.broken)
    results["took"] = round(time.monotonic() - began)
    print(f"all: {results['took']} s")
    if asked.write:
        with open(RESULTS, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2, ensure_ascii=False)
            file.write("\n")
    return broken


if __name__ == "__main__":
    sys.exit(main())
