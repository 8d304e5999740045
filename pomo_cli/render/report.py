"""Reports as text, with bars that are as wide as there is room. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from pomo_cli.render import glyphs
from pomo_daemon.protocol.text import clean, length

Report = Mapping[str, Any]
Row = Mapping[str, Any]

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_BAR: Final = (8, 40)
#: Levels of a day in the heatmap, where there are no colours.
_SHADES: Final = "·░▒▓█"
_PLAIN_SHADES: Final = ".-+*#"


def title(report: Report) -> str:
    """Say which days: `Week Mon 2026-11-23 - Sun 2026-11-29`."""
    first, last = date.fromisoformat(report["from"]), date.fromisoformat(report["to"])
    return f"{first:%a %Y-%m-%d}" + ("" if first == last else f" {glyphs.dash()} {last:%a %Y-%m-%d}")


def lines(report: Report, columns: int, *, drawn: bool) -> list[str]:
    """Write the rows and what they add up to."""
    rows = report["rows"]
    names = [clean(str(row["label"])) or f"(no {report['by']})" for row in rows]
    names = [_cut(it, max(columns // 2, 8), drawn=drawn) for it in names]
    facts = [_facts(row, report) for row in rows]
    first = glyphs.widest(names)
    widths = [max((len(it[place]) for it in facts), default=0) for place in range(2)]
    tail = max((len(it[2]) for it in facts), default=0)
    room = min(max(columns - first - sum(widths) - tail - 10, _BAR[0]), _BAR[1])
    longest = max((row["focus_s"] for row in rows), default=0)
    found = [title(report)]
    for name, row, (focus, done, more) in zip(glyphs.column(names, first), rows, facts, strict=True):
        drawn_bar = bar(row["focus_s"], longest, room, drawn=drawn)
        cells = (name, glyphs.pad(drawn_bar, room), focus.rjust(widths[0]), done.rjust(widths[1]), more)
        found.append("  ".join(cells).rstrip())
    if not rows:
        found.append("Nothing is recorded for that time.")
    return [*found, "", *summary(report)]


def _cut(name: str, room: int, *, drawn: bool) -> str:
    """Shorten a name to so many columns, and show that it was."""
    if glyphs.cells(name) <= room:
        return name
    return glyphs.cut(name, room) + ("…" if drawn else "~")


def _facts(row: Row, report: Report) -> tuple[str, str, str]:
    """Answer the time, the pomodoros, and whatever else there is to tell of a row."""
    more = []
    if row["stopped"]:
        more.append(f"{row['stopped']} stopped")
    if broken := row["internal"] + row["external"]:
        more.append(f"{broken}!")
    if report["by"] == "day" and report["goal"] and row["pomodoros"] >= report["goal"]:
        more.append("goal")
    spent = length(row["focus_s"]) if row["focus_s"] else ""
    return spent, str(row["pomodoros"] or ""), ", ".join(more)


def bar(value: float, longest: float, room: int, *, drawn: bool) -> str:
    """Draw a bar; what is not nothing shows, however short."""
    if not value or not longest:
        return ""
    if not drawn:
        return "#" * max(round(room * value / longest), 1)
    eighths = max(round(room * 8 * value / longest), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def summary(report: Report) -> list[str]:
    """Say what it comes to, how that stands to the goal, and to the time before."""
    total = report["total"]
    found = [f"Total: {said(total)}."]
    if report["goal"]:
        passed = _passed(report)
        found.append(f"Goal: {report['goal']} a day, reached on {report['reached']} of {passed} day{_s(passed)}.")
    before = report["previous"]
    first, last = date.fromisoformat(before["from"]), date.fromisoformat(before["to"])
    when = f"{first:%Y-%m-%d}" + ("" if first == last else f" {glyphs.dash()} {last:%Y-%m-%d}")
    return [*found, f"Before ({when}): {said(before['total'])}{_change(total, before['total'])}."]


def said(total: Mapping[str, int]) -> str:
    """Say a total in words; what is nothing is left out."""
    words = [f"{total['pomodoros']} pomodoro{_s(total['pomodoros'])}", f"{length(total['focus_s'])} focus"]
    if total["breaks"]:
        words.append(f"{total['breaks']} break{_s(total['breaks'])} of {length(total['break_s'])}")
    if total["stopped"]:
        words.append(f"{total['stopped']} stopped")
    kinds = [f"{total[it]} {it}" for it in ("internal", "external") if total[it]]
    if kinds:
        words.append(f"{' and '.join(kinds)} interruption{_s(total['internal'] + total['external'])}")
    return ", ".join(words)


def _change(now: Mapping[str, int], before: Mapping[str, int]) -> str:
    if not before["focus_s"]:
        return ""
    percent = round(100 * (now["focus_s"] / before["focus_s"] - 1))
    return f"; now {abs(percent)}% {'more' if percent > 0 else 'less'}" if percent else "; now the same"


def _passed(report: Report) -> int:
    """Answer how many of the days have begun."""
    first = date.fromisoformat(report["from"])
    last = min(date.fromisoformat(report["to"]), date.fromisoformat(report["today"]))
    return max((last - first).days + 1, 0)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


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
    return f"{count} task{_s(count)}, {took}, {it['close']} off by one at most."


def interruptions(result: Mapping[str, Any], columns: int, *, drawn: bool) -> list[str]:
    """Say what broke in: by hour, then each with its note."""
    both = result["internal"] + result["external"]
    if not both:
        return [title(result), "Nothing broke in."]
    found = [title(result)]
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
    what = f"{goal} pomodoro{_s(goal)}" if goal else "a pomodoro"
    return [
        f"Current streak: {_run(result['current'])}",
        f"Longest streak: {_run(result['longest'])}",
        f"A day counts with {what}" + ("." if goal else "; 'pomo config set timer.goal 8' sets a goal."),
    ]


def _run(run: Mapping[str, Any]) -> str:
    if not run["days"]:
        return "none"
    return f"{run['days']} day{_s(run['days'])} ({run['from']} to {run['to']})"


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
        f"{shown} pomodoro{_s(shown)} since {begin}, {shades[0]} none to {shades[4]} {most or 1} a day.{rest}",
    ]
