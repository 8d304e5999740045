"""A report as one page of HTML: everything is in the file, nothing runs, nothing is fetched. Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from pomo_daemon.protocol.report_text import summary, title
from pomo_daemon.protocol.text import clean, length

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d1d1f; --paper: #fff; --soft: #6b6b70; --line: #d9d9de; --bar: #c8402f }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececef; --paper: #17171a; --soft: #a0a0a8; --line: #3a3a40; --bar: #ff6b57 }
}
body { margin: 2rem auto; padding: 0 1rem; max-width: 56rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
svg { width: 100%; height: auto; overflow: visible } svg text { font-size: 11px; fill: var(--soft) }
svg rect { fill: var(--bar) } svg line { stroke: var(--line) } svg .goal { stroke: var(--ink); stroke-dasharray: 4 3 }
table { border-collapse: collapse; width: 100% } th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: normal } th, td { text-align: right }
td.name { text-align: left; overflow-wrap: anywhere }
"""
_HEADS: Final = ("", "focus", "pomodoros", "stopped", "breaks", "internal", "external")
#: Of the chart, in its own units.
_WIDE, _HIGH, _FOOT = 800, 220, 24


def page(report: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> str:
    """Make the page of a report, with its tasks."""
    head = escape(f"Pomodoros, {title(report)}")
    words = "".join(f"<p>{escape(line)}</p>\n" for line in summary(report))
    rows = [row for row in report["rows"] if row["focus_s"] or row["breaks"]]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{head}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{head}</h1>\n{words}"
        f"{chart(report)}\n<h2>By {escape(report['by'])}</h2>\n{_table(rows, report['total'], report['by'])}\n"
        + ("" if report["by"] == "task" else f"<h2>By task</h2>\n{_table(tasks, report['total'], 'task')}\n")
        + "</body>\n</html>\n"
    )


def chart(report: Mapping[str, Any]) -> str:
    """Draw the pomodoros of each row, and the goal of a day where rows are days."""
    rows = report["rows"]
    goal = report["goal"] if report["by"] == "day" else 0
    most = max([goal, 1, *(row["pomodoros"] for row in rows)])
    step = _WIDE / max(len(rows), 1)
    scale = (_HIGH - 20) / most
    shapes = [f'<line x1="0" y1="{_HIGH}" x2="{_WIDE}" y2="{_HIGH}"/>']
    every = max(len(rows) * 60 // _WIDE, 1)
    for place, row in enumerate(rows):
        high = row["pomodoros"] * scale
        name = escape(_name(row, report["by"]))
        said = f"{name}: {row['pomodoros']} pomodoros, {length(row['focus_s'])}"
        left, wide = place * step + step * 0.1, step * 0.8
        shapes.append(
            f'<rect x="{left:.1f}" y="{_HIGH - high:.1f}" width="{wide:.1f}" height="{high:.1f}">'
            f"<title>{said}</title></rect>"
        )
        if place % every == 0:
            middle = place * step + step / 2
            shapes.append(f'<text x="{middle:.1f}" y="{_HIGH + 16}" text-anchor="middle">{_short(name)}</text>')
    if goal:
        at = _HIGH - goal * scale
        shapes.append(f'<line class="goal" x1="0" y1="{at:.1f}" x2="{_WIDE}" y2="{at:.1f}"/>')
        shapes.append(f'<text x="{_WIDE}" y="{at - 4:.1f}" text-anchor="end">goal {goal}</text>')
    return (
        f'<svg viewBox="0 0 {_WIDE} {_HIGH + _FOOT}" role="img" aria-label="Pomodoros by {report["by"]}">'
        f"{''.join(shapes)}</svg>"
    )


def _short(name: str) -> str:
    """Answer what fits under a bar: of `Mon 2026-11-23` the end."""
    return name if len(name) <= 9 else name[-5:] if name[-5:-4].isdigit() and name[-3] == "-" else name[:8] + "…"  # noqa: PLR2004


def _name(row: Mapping[str, Any], by: str) -> str:
    return clean(str(row["label"])) or f"(no {by})"


def _table(rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any], by: str) -> str:
    heads = "".join(f'<th scope="col">{it}</th>' for it in _HEADS)
    body = "".join(_line(_name(row, by), row) for row in rows) + _line("Total", total)
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def _line(name: str, row: Mapping[str, Any]) -> str:
    cells = (length(row["focus_s"]), *(row[it] for it in ("pomodoros", "stopped", "breaks", "internal", "external")))
    return f'<tr><td class="name">{escape(name)}</td>' + "".join(f"<td>{it}</td>" for it in cells) + "</tr>\n"
