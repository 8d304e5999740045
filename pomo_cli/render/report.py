"""What reports tell beside the sums: estimates, interruptions, streaks, a year of days. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from pomo_cli.render import glyphs
from pomo_daemon.protocol.report_text import bar, plural, title
from pomo_daemon.protocol.text import clean

#: Levels of a day in the heatmap, where there are no colours.
_SHADES: Final = "·░▒▓█"
_PLAIN_SHADES: Final = ".-+*#"


def estimates(result: Mapping[str, Any]) -> list[str]:
    """Hold estimates against what was needed."""
    if not result["tasks"]:
        return ["No task that had an estimate is done yet. Give one with 'pomo task add NAME -e 3'."]
    names = glyphs.column([clean(str(it["task"])) for it in result["tasks"]], 0)
    first = glyphs.widest(names)
    found = ["task, estimated, needed"]
    for name, it in zip(glyphs.column(names, first), result["tasks"], strict=True):
        off = it["actual"] - it["estimate"]
        found.append(f"{name}  {it['estimate']:>4}  {it['actual']:>4}  {f'{off:+}' if off else ''}".rstrip())
    for what in ("categories", "months"):
        found.append("")
        found += [f"{clean(it['key']) or '(no category)'}: {_accuracy(it)}" for it in result[what]]
    return [*found, "", f"All: {_accuracy(result['total'])}"]


def _accuracy(it: Mapping[str, Any]) -> str:
    count, factor = it["tasks"], it["factor"]
    took = f"estimated {it['estimate']}, needed {it['actual']} (x {factor:.2f})"
    return f"{count} task{plural(count)}, {took}, {it['close']} off by one at most."


def interruptions(result: Mapping[str, Any], columns: int, *, drawn: bool) -> list[str]:
    """Say what broke in: by hour, then each with its note."""
    both = result["internal"] + result["external"]
    if not both:
        return [title(result, drawn=drawn), "Nothing broke in."]
    found = [title(result, drawn=drawn)]
    longest = max(it["internal"] + it["external"] for it in result["hours"])
    for it in result["hours"]:
        count = it["internal"] + it["external"]
        shown = glyphs.pad(bar(count, longest, min(columns // 3, 30), drawn=drawn), min(columns // 3, 30))
        found.append(f"{it['hour']:02}:00  {shown}  {count:>3}  {it['internal']} internal, {it['external']} external")
    found.append("")
    for it in result["interruptions"]:
        at = it["at"].replace("T", " ")[:16]
        words = [at, it["kind"], clean(str(it["task"] or "")), clean(str(it["note"]).replace("\n", " "))]
        found.append("  ".join(filter(None, words)))
    each = f", {both / result['pomodoros']:.1f} for each pomodoro" if result["pomodoros"] else ""
    return [*found, "", f"Total: {both}: {result['internal']} internal, {result['external']} external{each}."]


def streak(result: Mapping[str, Any]) -> list[str]:
    """Say how long days in a row have reached the goal."""
    goal = result["goal"]
    what = f"{goal} pomodoro{plural(goal)}" if goal else "a pomodoro"
    return [
        f"Current streak: {_run(result['current'])}",
        f"Longest streak: {_run(result['longest'])}",
        f"A day counts with {what}" + ("." if goal else "; 'pomo config set timer.goal 8' sets a goal."),
    ]


def _run(run: Mapping[str, Any]) -> str:
    if not run["days"]:
        return "none"
    return f"{run['days']} day{plural(run['days'])} ({run['from']} to {run['to']})"


def level(pomodoros: int, most: int) -> int:
    """Answer how dark a day is, from 0 to 4."""
    return 0 if not pomodoros else min(1 + 3 * pomodoros // max(most, 1), 4)


def heatmap(result: Mapping[str, Any], columns: int, *, drawn: bool) -> list[str]:
    """Draw weeks beside each other, as many as there is room for, each day darker the more was done."""
    done = {it["day"]: it["pomodoros"] for it in result["days"]}
    most = result["goal"] or max(done.values(), default=0)
    shades = _SHADES if drawn else _PLAIN_SHADES
    last = date.fromisoformat(result["to"])
    weeks = min(((last - date.fromisoformat(result["from"])).days + 7) // 7, max((columns - 4) // 2, 1))
    ahead = (result["week_start"] == "sunday") - 0
    begin = last - timedelta(days=(last.weekday() + ahead) % 7 + 7 * (weeks - 1))
    months, found = [" "] * (2 * weeks + 3), []
    for week in range(weeks):
        day = begin + timedelta(days=7 * week)
        if day.day <= 7 and "".join(months[2 * week - 2 : 2 * week]).strip() == "":  # noqa: PLR2004
            months[2 * week : 2 * week + 3] = f"{day:%b}"
    found.append("    " + "".join(months).rstrip())
    for weekday in range(7):
        days = [begin + timedelta(days=7 * week + weekday) for week in range(weeks)]
        cells = [shades[level(done.get(str(it), 0), most)] if it <= last else " " for it in days]
        found.append(f"{days[0]:%a} " + " ".join(cells).rstrip())
    total = sum(done.values())
    shown = sum(done.get(str(begin + timedelta(days=it)), 0) for it in range(7 * weeks))
    rest = f" {total - shown} more lie further back." if total > shown else ""
    return [
        *found,
        "",
        f"{shown} pomodoro{plural(shown)} since {begin}, {shades[0]} none to {shades[4]} {most or 1} a day.{rest}",
    ]
