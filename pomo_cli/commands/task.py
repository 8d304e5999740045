"""`pomo task`: the inventory of what is to be done, with estimates."""

from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from pomo_cli import clock, output
from pomo_cli.commands.shared import APP, Command, Invocation, invalid, invocation
from pomo_cli.commands.words import ask, chosen, instant, is_day, named, one, text, uncollected
from pomo_cli.render import glyphs
from pomo_cli.render import log as render_log
from pomo_cli.render import task as render
from pomo_cli.zone import Days, days
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Keep an inventory of tasks, with estimates in pomodoros.")

STATUSES: Final = ("open", "done", "deleted", "all")
SORTS: Final = ("id", "name", "due", "estimate", "category", "updated")
_DUE: Final = "2026-11-24, tomorrow, 'tomorrow 14:00'; a bare day means its end."

TaskArgument = Annotated[list[str], typer.Argument(metavar="TASK", help="12, #12, or the name of an open task.")]
EstimateOption = Annotated[
    int | None, typer.Option("-e", "--estimate", metavar="N", help="How many pomodoros it should take.")
]
CategoryOption = Annotated[
    str | None, typer.Option("-c", "--category", metavar="CATEGORY", help="A category that exists: name or number.")
]
DescriptionOption = Annotated[
    str | None, typer.Option("-d", "--description", metavar="TEXT", help="What it is about; lines are kept.")
]
DueOption = Annotated[str | None, typer.Option("--due", metavar="T", help=f"When it is due: {_DUE}")]


def _due(ctx: typer.Context, value: str | None, where: Days) -> str | None:
    """Answer when a task is due, as it goes over the wire: a whole day has until its last second."""
    if value is None:
        return None
    moment = instant(ctx, value, where, field="due")
    return (where.end(moment) - timedelta(seconds=1) if is_day(value) else moment).isoformat()


def _fields(ctx: typer.Context, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Answer the fields that were given, as they go over the wire."""
    description = given["description"]
    found = {
        "pomodoro_count": given["estimate"],
        "category": named(ctx, "--category", given["category"]),
        "description": None if description is None else text(ctx, "--description", description),
        "due": _due(ctx, given["due"], days(invocation(ctx).profile)) if given["due"] is not None else None,
    }
    return {name: value for name, value in found.items() if value is not None}


@app.command(cls=Command)
def add(
    ctx: typer.Context,
    *,
    name: Annotated[list[str], typer.Argument(metavar="NAME", help="What is to be done, in up to 200 characters.")],
    estimate: EstimateOption = None,
    category: CategoryOption = None,
    description: DescriptionOption = None,
    due: DueOption = None,
) -> None:
    """Make a task."""
    params = _fields(ctx, estimate=estimate, category=category, description=description, due=due)
    task = ask(ctx, "task.add", {"name": one(ctx, name, "NAME"), **params})
    invocation(ctx).tell(task, render.sentence(task, "added"))


@app.command("list", cls=Command)
def list_tasks(
    ctx: typer.Context,
    *,
    status: Annotated[
        str, typer.Option("--status", metavar="|".join(STATUSES), help="Which ones; open unless said.")
    ] = "open",
    category: Annotated[
        str | None, typer.Option("-c", "--category", metavar="CATEGORY", help="Only of this category.")
    ] = None,
    no_category: Annotated[bool, typer.Option("--no-category", help="Only those without a category.")] = False,
    due: Annotated[
        str | None,
        typer.Option(
            "--due", metavar="today|week|overdue|T", help="Only what is due by then: the end of today, of 7 days, now."
        ),
    ] = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="|".join(SORTS), help="In which order; by id unless said.")
    ] = "id",
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", help="The first N; all unless said.")] = None,
) -> None:
    """List tasks with their progress."""
    call = invocation(ctx)
    if category is not None and no_category:
        raise invalid(ctx, "Give one of --category and --no-category.")
    where = days(invocation(ctx).profile)
    params: dict[str, Any] = {
        "status": chosen(ctx, "--status", status, STATUSES),
        "sort": chosen(ctx, "--sort", sort, SORTS),
    }
    if category is not None or no_category:
        params["category"] = "" if no_category else named(ctx, "--category", category)
    if due is not None:
        params["due"] = _before(ctx, due, where)
    if limit is not None:
        params["limit"] = limit
    with uncollected():
        found = ask(ctx, "task.list", params)
        tasks: list[dict[str, Any]] = found["tasks"]
        if call.quiet:
            return
        if call.json:
            output.show_json(tasks)
        elif not tasks:
            output.write(_nothing(params))
        else:
            _list(call, tasks, status, int(found["more"]), where)


def _list(call: Invocation, tasks: list[dict[str, Any]], status: str, more: int, where: Days) -> None:
    rows = render.rows(tasks, where, clock.now(), drawn=glyphs.can_draw(), states=status == "all")
    total = render.total(tasks, status, more)
    if output.is_fancy(color=call.color) and render.fits(rows, output.columns()):
        from pomo_cli.render.terminal import draw

        output.write(draw(render.table(rows, total), output.columns()))
    else:
        output.write(render.plain(rows, total))


def _before(ctx: typer.Context, due: str, where: Days) -> str:
    """Answer the moment before which the listed tasks are due."""
    now = clock.now()
    if due == "overdue":
        return now.isoformat()
    if due == "week":
        return where.end(now + timedelta(days=6)).isoformat()
    moment = instant(ctx, due, where, field="due")
    return (where.end(moment) if is_day(due) else moment).isoformat()


def _nothing(params: dict[str, Any]) -> str:
    if params["status"] == "open" and not params.keys() & {"category", "due"}:
        return "There are no open tasks.\nMake one with 'pomo task add NAME', or see 'pomo task list --status done'."
    return "No task is like that.\n'pomo task list --status all' shows every one."


@app.command(cls=Command)
def show(ctx: typer.Context, task: TaskArgument) -> None:
    """Show a task and what happened on it."""
    call = invocation(ctx)
    detail = ask(ctx, "task.show", {"task": one(ctx, task, "TASK")})
    if call.quiet:
        return
    if call.json:
        output.show_json(detail)
    else:
        _show(call, detail, days(invocation(ctx).profile))


def _show(call: Invocation, detail: dict[str, Any], where: Days) -> None:
    now = clock.now()
    title = f"#{detail['task']['task_id']}  {clean(str(detail['task']['name']))}"
    facts = render.facts(detail, where, now, drawn=glyphs.can_draw())
    record = render_log.by_day(detail["intervals"], where, now, ids=True, dash=glyphs.dash())
    overall = render_log.total(detail["intervals"])
    fancy, columns = output.is_fancy(color=call.color), output.columns()
    if fancy:
        from pomo_cli.render.terminal import draw

        parts = [draw(render.drawn_card(title, facts), columns)]
        if record and render_log.fits(record, columns):
            parts.append(draw(render_log.table(record, overall, titles=True), columns))
        elif record:
            parts.append(render_log.plain(record, overall, titles=True))
    else:
        parts = [render.card(title, facts) + "\n"]
        parts += [render_log.plain(record, overall, titles=True)] if record else []
    if not record:
        parts.append("Nothing is recorded on it. Begin with " + f"'pomo start {detail['task']['task_id']}'.")
    output.write("\n".join(part.rstrip("\n") + "\n" for part in parts))


@app.command(cls=Command)
def edit(  # noqa: PLR0913  # each is an option
    ctx: typer.Context,
    *,
    task: TaskArgument,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its new name.")] = None,
    estimate: EstimateOption = None,
    category: CategoryOption = None,
    no_category: Annotated[bool, typer.Option("--no-category", help="Take it out of its category.")] = False,
    description: DescriptionOption = None,
    due: DueOption = None,
    no_due: Annotated[bool, typer.Option("--no-due", help="It is due at no date.")] = False,
) -> None:
    """Change a task."""
    if category is not None and no_category:
        raise invalid(ctx, "Give one of --category and --no-category.")
    if due is not None and no_due:
        raise invalid(ctx, "Give one of --due and --no-due.")
    params = _fields(ctx, estimate=estimate, category=category, description=description, due=due)
    if name is not None:
        params["name"] = text(ctx, "--name", name)
    if no_category:
        params["category"] = ""
    if no_due:
        params["no_due"] = True
    if not params:
        raise invalid(ctx, "Say what to change")
    changed = ask(ctx, "task.edit", {"task": one(ctx, task, "TASK"), **params})
    invocation(ctx).tell(changed, render.sentence(changed, "changed"))


def _turn(ctx: typer.Context, task: list[str], verb: str, said: str, then: str = "") -> None:
    turned = ask(ctx, f"task.{verb}", {"task": one(ctx, task, "TASK")})
    invocation(ctx).tell(turned, render.sentence(turned, said) + then)


@app.command(cls=Command)
def done(ctx: typer.Context, task: TaskArgument) -> None:
    """Mark a task as done."""
    _turn(ctx, task, "done", "done")


@app.command(cls=Command)
def reopen(ctx: typer.Context, task: Annotated[list[str], typer.Argument(metavar="TASK", help="12 or #12.")]) -> None:
    """Mark a task as not done."""
    _turn(ctx, task, "reopen", "open again")


@app.command(cls=Command)
def delete(ctx: typer.Context, task: TaskArgument) -> None:
    """Delete a task; what was recorded on it stays, and it can be restored."""
    _turn(ctx, task, "delete", "deleted", " 'pomo task restore' brings it back.")


@app.command(cls=Command)
def restore(ctx: typer.Context, task: Annotated[list[str], typer.Argument(metavar="TASK", help="12 or #12.")]) -> None:
    """Bring a deleted task back."""
    _turn(ctx, task, "restore", "restored")
