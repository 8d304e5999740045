"""The timer's commands: each asks the daemon for one thing, and shows what it says it did."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from pomo_cli import clock
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_daemon.protocol.errors import ERRORS, PomoError
from pomo_daemon.protocol.times import parse_duration

app = typer.Typer(**APP)

DurationOption = Annotated[str | None, typer.Option("--duration", metavar="D", help="Its length: 50m, 1h30m, 90s.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Stop the focus that runs, if one does.")]


def _call(ctx: typer.Context, method: str, params: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # it is JSON
    call = invocation(ctx)
    try:
        with call.client() as client:
            result = client.call(method, params)
    except PomoError as error:
        if error.hint == ERRORS["validation"].hint:
            raise invalid(ctx, error.message) from None
        raise
    call.tell(result, str(result["message"]))
    return result


def _span(ctx: typer.Context, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise invalid(ctx, str(error)) from None


def _seconds(ctx: typer.Context, text: str | None) -> int | None:
    return None if text is None else _span(ctx, text) // timedelta(seconds=1)


def _start_time(ctx: typer.Context, at: str | None, ago: str | None) -> str | None:
    """Answer the start in the past that --at or --ago names, as it goes over the wire."""
    if at is not None and ago is not None:
        raise invalid(ctx, "--at and --ago name the same thing: give one of them.")
    if ago is not None:
        return (clock.now() - _span(ctx, ago)).isoformat()
    if at is None:
        return None
    from pomo_cli import zone

    try:
        return zone.parse(at, zone.days(invocation(ctx).profile), past=True).isoformat()
    except ValueError as error:
        raise invalid(ctx, str(error)) from None


def _task(ctx: typer.Context, task: list[str] | None, *, branch: bool) -> str | None:
    """Answer the task that is named, by itself or by the branch. Raises PomoError."""
    if branch:
        if task:
            raise invalid(ctx, "--branch names the task: give no other.")
        from pomo_cli import repository

        return repository.branch()
    if task is not None and len(task) > 1:
        raise PomoError(
            "validation", "There is one TASK, and these are several words.", f"Quote it: pomo start '{' '.join(task)}'"
        )
    if task and not task[0].isascii() and any("\ud800" <= it <= "\udfff" for it in task[0]):
        raise invalid(ctx, "TASK is not text in the encoding of this locale.")
    return task[0] if task else None


@app.command(cls=Command)
def start(  # noqa: PLR0913  # each is an option
    ctx: typer.Context,
    *,
    task: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]", help="12, #12, or a name; a new name makes a new task.")
    ] = None,
    duration: DurationOption = None,
    short: Annotated[bool, typer.Option("--break", help="Start a break instead.")] = False,
    long: Annotated[bool, typer.Option("--long-break", help="Start a long break instead.")] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="It began at 14:00, 'yesterday 14:00', '10m ago'.")
    ] = None,
    ago: Annotated[str | None, typer.Option("--ago", metavar="D", help="It began so long ago: 5m.")] = None,
    flow: Annotated[bool, typer.Option("--flow", help="No deadline: count up.")] = False,
    replace: ReplaceOption = False,
    no_create: Annotated[bool, typer.Option("--no-create", help="Make no new task.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it ends: 0 at its end, 4 if stopped.")] = False,
    branch: Annotated[bool, typer.Option("--branch", help="The task is named as the git branch here is.")] = False,
) -> None:
    """Start a focus interval."""
    name = _task(ctx, task, branch=branch)
    if flow and duration is not None:
        raise invalid(ctx, "--flow has no deadline, so no --duration.")
    params: dict[str, Any] = {"duration_s": _seconds(ctx, duration), "at": _start_time(ctx, at, ago)}
    if short or long:
        if name or flow or replace or no_create:
            raise invalid(ctx, "A break takes no task, and none of --flow, --replace, --no-create.")
        result = _call(ctx, "timer.break", {**params, "long": long})
    else:
        named = {"task": name, "create": not no_create, "flow": flow, "replace": replace}
        result = _call(ctx, "timer.start", {**params, **named})
    if wait:
        from pomo_cli import waiting

        waiting.for_end(invocation(ctx), None, result["status"]["interval_id"])


@app.command("break", cls=Command)
def start_break(
    ctx: typer.Context,
    *,
    long: Annotated[bool, typer.Option("--long", help="A long one, whatever the cycle says.")] = False,
    duration: DurationOption = None,
) -> None:
    """Start a break."""
    _call(ctx, "timer.break", {"long": long, "duration_s": _seconds(ctx, duration)})


@app.command(cls=Command)
def repeat(ctx: typer.Context, *, replace: ReplaceOption = False) -> None:
    """Start a focus like the one before."""
    _call(ctx, "timer.repeat", {"replace": replace})


@app.command(cls=Command)
def pause(ctx: typer.Context) -> None:
    """Pause the current interval."""
    _call(ctx, "timer.pause")


@app.command(cls=Command)
def resume(ctx: typer.Context) -> None:
    """Go on with the paused interval."""
    _call(ctx, "timer.resume")


@app.command(cls=Command)
def toggle(ctx: typer.Context) -> None:
    """Pause or go on; start what is due, or a focus."""
    _call(ctx, "timer.toggle")


@app.command(cls=Command)
def stop(ctx: typer.Context) -> None:
    """End the current interval; a focus does not count as a pomodoro."""
    _call(ctx, "timer.stop")


@app.command(cls=Command)
def finish(ctx: typer.Context) -> None:
    """End the current interval early and count it."""
    _call(ctx, "timer.finish")


@app.command(cls=Command)
def cancel(ctx: typer.Context) -> None:
    """Forget the current interval, started by mistake."""
    _call(ctx, "timer.cancel")


@app.command(cls=Command)
def skip(ctx: typer.Context) -> None:
    """Go on to the next phase."""
    _call(ctx, "timer.skip")


class _Signed(Command):
    """A command whose argument may begin with a minus and is no option for that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        ahead = args[: args.index("--")] if "--" in args else args
        for at, word in enumerate(ahead):
            if word[:1] == "-" and word[1:2].isdigit():
                args = [*args[:at], *args[at + 1 :]] if "--" in args else [*args[:at], *args[at + 1 :], "--"]
                args.append(word)
                break
        found: list[str] = super().parse_args(ctx, args)
        return found


@app.command(cls=_Signed)
def extend(
    ctx: typer.Context,
    by: Annotated[str, typer.Argument(metavar="D", help="So much later: 5m, 90s; -5m is earlier.", show_default=False)],
) -> None:
    """Move the end of the current interval."""
    _call(ctx, "timer.extend", {"by_s": _seconds(ctx, by)})
