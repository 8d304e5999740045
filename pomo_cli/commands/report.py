"""`pomo report`: what the record comes to."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from pomo_cli import clock, output
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import ask, chosen, instant, named
from pomo_cli.render import glyphs
from pomo_cli.render import report as render
from pomo_cli.zone import Days, days
from pomo_daemon.protocol.framing import REPORT_SECONDS
from pomo_daemon.protocol.report_text import lines as sums

app = typer.Typer(**APP)

ROWS: Final = ("task", "category", "day", "month", "weekday", "hour")
COUNTS: Final = ("focus_s", "pomodoros", "stopped", "break_s", "breaks", "internal", "external")
_YEAR: Final = timedelta(days=371)

FromOption = Annotated[str | None, typer.Option("--from", metavar="T", help="The first day: yesterday, 2026-11-24.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="T", help="The last day, which counts whole.")]
HoldsOption = Annotated[str | None, typer.Option("--from", metavar="T", help="The one that holds this day.")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="|".join(ROWS), help="What the rows are.")]
TaskOption = Annotated[str | None, typer.Option("--task", metavar="TASK", help="Only this task.")]
CategoryOption = Annotated[
    str | None, typer.Option("-c", "--category", metavar="CATEGORY", help="Only tasks of this category.")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")]
HtmlOption = Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write a page; '-' is stdout.")]


@app.callback(invoke_without_command=True)
def report(
    ctx: typer.Context,
    *,
    begin: FromOption = None,
    end: ToOption = None,
    by: ByOption = None,
    task: TaskOption = None,
    category: CategoryOption = None,
    csv: CsvOption = False,
    html: HtmlOption = None,
) -> None:
    """Sum up what was done, this week or any days."""
    given = {"begin": begin, "end": end, "by": by, "task": task, "category": category, "csv": csv, "html": html}
    if ctx.invoked_subcommand is None:
        _show(ctx, None, **given)
    elif any(given.values()):
        raise invalid(ctx, f"Options go behind '{ctx.invoked_subcommand}'.")


def _period(period: str) -> Callable[..., None]:
    def command(
        ctx: typer.Context,
        *,
        begin: HoldsOption = None,
        by: ByOption = None,
        task: TaskOption = None,
        category: CategoryOption = None,
        csv: CsvOption = False,
        html: HtmlOption = None,
    ) -> None:
        _show(ctx, period, begin=begin, end=None, by=by, task=task, category=category, csv=csv, html=html)

    command.__doc__ = f"Sum up a {period}: this one, or the one that holds --from."
    return command


for _name in ("day", "week", "month", "year"):
    app.command(_name, cls=Command)(_period(_name))


def _show(ctx: typer.Context, period: str | None, **given: Any) -> None:  # noqa: ANN401
    where = days(invocation(ctx).profile)
    params = _bounds(ctx, given["begin"], given["end"], where)
    if period:
        params["period"] = period
    words = {"task": named(ctx, "--task", given["task"]), "category": named(ctx, "--category", given["category"])}
    if given["by"] is not None:
        words["by"] = chosen(ctx, "--by", given["by"], ROWS)
    params |= {name: it for name, it in words.items() if it is not None}
    found = ask(ctx, "report.period", params, patience=REPORT_SECONDS)
    if given["html"] is not None:
        _write_page(ctx, given["html"], found, params)
        return
    tell(ctx, found, lambda: sums(found, output.columns(), drawn=glyphs.can_draw()), csv=given["csv"])


def _bounds(ctx: typer.Context, begin: str | None, end: str | None, where: Days) -> dict[str, str]:
    """Answer the days that are meant, as they go over the wire."""
    named_days = {"from": begin, "to": end}
    return {
        name: str(where.day_of(instant(ctx, it, where, field=f"--{name}")).date())
        for name, it in named_days.items()
        if it is not None
    }


def _write_page(ctx: typer.Context, file: str, found: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    from pomo_cli.render.page import page

    tasks = ask(ctx, "report.period", {**params, "by": "task"})
    text = page(found, tasks["rows"])
    if file == "-":
        output.write(text)
        return
    output.save(text, file)
    invocation(ctx).tell({"file": file}, f"Wrote {file}.")


def tell(
    ctx: typer.Context,
    result: Mapping[str, Any],
    lines: Callable[[], Sequence[str]],
    *,
    csv: bool,
    columns: Sequence[str] = ("key", "label", *COUNTS),
    rows: str = "rows",
) -> None:
    """Show a report as the options say."""
    call = invocation(ctx)
    if call.json and csv:
        raise invalid(ctx, "Give one of --json and --csv.")
    if call.quiet:
        return
    if call.json:
        output.show_json(result)
    elif csv:
        from pomo_cli.render.table import csv_text

        output.write(csv_text(columns, result[rows]))
    else:
        output.write("\n".join(lines()))


@app.command(cls=Command)
def estimates(ctx: typer.Context, *, csv: CsvOption = False) -> None:
    """Hold estimates against what tasks took: each task, by category, by month."""
    found = ask(ctx, "report.estimates", patience=REPORT_SECONDS)
    columns = ("task_id", "task", "category", "estimate", "actual", "completed_at")
    tell(ctx, found, lambda: render.estimates(found), csv=csv, columns=columns, rows="tasks")


@app.command(cls=Command)
def interruptions(
    ctx: typer.Context, *, begin: FromOption = None, end: ToOption = None, csv: CsvOption = False
) -> None:
    """Tell what broke in, by hour and kind, with the notes: this week, or from --from to --to."""
    found = ask(
        ctx, "report.interruptions", _bounds(ctx, begin, end, days(invocation(ctx).profile)), patience=REPORT_SECONDS
    )
    columns = ("at", "kind", "task", "note")
    width = output.columns()
    tell(
        ctx,
        found,
        lambda: render.interruptions(found, width, drawn=glyphs.can_draw()),
        csv=csv,
        columns=columns,
        rows="interruptions",
    )


@app.command(cls=Command)
def heatmap(ctx: typer.Context, *, csv: CsvOption = False) -> None:
    """Show a year of days, as far back as the terminal is wide."""
    today = days(invocation(ctx).profile).day_of(clock.now()).date()
    found = ask(ctx, "report.calendar", {"from": str(today - _YEAR), "to": str(today)}, patience=REPORT_SECONDS)
    width = output.columns()
    columns = ("day", "focus_s", "pomodoros")
    tell(
        ctx,
        found,
        lambda: render.heatmap(found, width, drawn=glyphs.can_draw()),
        csv=csv,
        columns=columns,
        rows="days",
    )


@app.command(cls=Command)
def streak(ctx: typer.Context, *, csv: CsvOption = False) -> None:
    """Show how many days in a row reached the goal."""
    found = ask(ctx, "report.calendar", patience=REPORT_SECONDS)
    runs = [{"streak": it, **found[it]} for it in ("current", "longest")]
    result = {**{name: found[name] for name in ("current", "longest", "goal", "today")}, "runs": runs}
    tell(ctx, result, lambda: render.streak(found), csv=csv, columns=("streak", "days", "from", "to"), rows="runs")
