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
from tests.reliability.frame import RESULTS, Campaign, Outcome, Scale


def machine() -> dict[str, str]:
    """Answer where this runs."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def run(campaign: Campaign, amounts: dict[str, int]) -> tuple[Outcome, float]:
    """Run one campaign, and tell of it."""
    print(f"{campaign.name}: {campaign.shows}", flush=True)
    began = time.monotonic()
    try:
        outcome = campaign.run(**amounts)
    except Exception as error:  # noqa: BLE001  # the others are run all the same, and the exit code tells
        outcome = Outcome({}, [f"{type(error).__name__}: {error}"])
    took = time.monotonic() - began
    for figure, measured in outcome.measured.items():
        print(f"  {figure}: {measured} (target: {campaign.figures[figure]})")
    for broken in outcome.broken:
        print(f"  BROKEN: {broken}")
    print(f"  {took:.0f} s", flush=True)
    return outcome, took


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
    results["figures"], results["seconds"], broken = {}, {}, False
    for campaign in campaigns:
        outcome, took = run(campaign, {**campaign.amounts[asked.scale], **amounts})
        results["figures"].update(outcome.measured)
        results["seconds"][campaign.name] = round(took)
        broken |= bool(outcome.broken)
    if asked.write:
        with open(RESULTS, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2, ensure_ascii=False)
            file.write("\n")
    return broken


if __name__ == "__main__":
    sys.exit(main())
