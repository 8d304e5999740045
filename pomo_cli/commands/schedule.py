"""`pomo schedule`: what happens by the calendar."""

from typing import Annotated, Any

import typer

from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import ask, named, text
from pomo_cli.render import schedule as render

app = typer.Typer(**APP, help="Start a focus, or be told something, by the calendar.")

ScheduleArgument = Annotated[int, typer.Argument(metavar="SCHEDULE", min=1, help="Its number.")]


@app.command(cls=Command)
def add(
    ctx: typer.Context,
    *,
    cron: Annotated[
        list[str],
        typer.Argument(metavar="CRON", help="Minute, hour, day, month, weekday, as in '0 9 * * mon-fri'; or @daily."),
    ],
    start: Annotated[str | None, typer.Option("--start", metavar="TASK", help="Start a focus on this task.")] = None,
    notify: Annotated[str | None, typer.Option("--notify", metavar="TEXT", help="Show this text.")] = None,
    create: Annotated[bool, typer.Option("--create/--no-create", help="Make the task if it is new.")] = True,
) -> None:
    """Make a schedule. What runs already is left alone, and that is told."""
    if (start is None) == (notify is None):
        raise invalid(ctx, "Give one of --start and --notify")
    params: dict[str, Any] = {"cron": text(ctx, "CRON", " ".join(cron)), "create": create}
    params |= {"task": named(ctx, "--start", start)} if notify is None else {"text": named(ctx, "--notify", notify)}
    made = ask(ctx, "schedule.add", params)
    invocation(ctx).tell(made, render.made(made))


@app.command("list", cls=Command)
def list_schedules(ctx: typer.Context) -> None:
    """Show every schedule with its next three times."""
    found = ask(ctx, "schedule.list")["schedules"]
    invocation(ctx).tell(found, render.listed(found) or "There are no schedules. See 'pomo schedule add --help'.")


@app.command(cls=Command)
def pause(ctx: typer.Context, schedule: ScheduleArgument) -> None:
    """Let a schedule rest."""
    found = ask(ctx, "schedule.pause", {"schedule_id": schedule})
    invocation(ctx).tell(found, f"Schedule {schedule} rests: {render.what(found)}.")


@app.command(cls=Command)
def resume(ctx: typer.Context, schedule: ScheduleArgument) -> None:
    """Go on with a schedule, on the clock of the zone you are in now."""
    found = ask(ctx, "schedule.resume", {"schedule_id": schedule})
    invocation(ctx).tell(found, f"Schedule {schedule} goes on: {render.what(found)}.\n{render.times(found)}")


@app.command(cls=Command)
def delete(ctx: typer.Context, schedule: ScheduleArgument) -> None:
    """Delete a schedule."""
    found = ask(ctx, "schedule.delete", {"schedule_id": schedule})
    invocation(ctx).tell(found, f"Schedule {schedule} deleted: {render.what(found)}.")
