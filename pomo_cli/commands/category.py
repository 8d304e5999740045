"""`pomo category`: what tasks belong to. One that is in use goes only when it is said where its tasks go."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from pomo_cli import output, prompt
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import ask, named, one, text
from pomo_cli.render.glyphs import cells, pad
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Group tasks.")

CategoryArgument = Annotated[str, typer.Argument(metavar="CATEGORY", help="Its name or number.")]
_TRIES: Final = 3


@app.command(cls=Command)
def add(
    ctx: typer.Context,
    name: Annotated[list[str], typer.Argument(metavar="NAME", help="Its name, in up to 200 characters.")],
) -> None:
    """Make a category."""
    made = ask(ctx, "category.add", {"name": one(ctx, name, "NAME")})
    invocation(ctx).tell(made, f"Category {clean(made['name'])!r} added.")


@app.command("list", cls=Command)
def list_categories(ctx: typer.Context) -> None:
    """List categories with the number of their tasks."""
    call = invocation(ctx)
    found: list[dict[str, Any]] = ask(ctx, "category.list")["categories"]
    call.tell(found, _listed(found) or "There are no categories. Make one with 'pomo category add NAME'.")


def _listed(found: Sequence[dict[str, Any]]) -> str:
    names = [clean(str(it["name"])) for it in found]
    numbers = [str(it["category_id"]) for it in found]
    widest, digits = max(map(cells, names), default=0), max(map(len, numbers), default=0)
    return "\n".join(
        f"{number.rjust(digits)}  {pad(name, widest)}  {it['tasks']} task{'' if it['tasks'] == 1 else 's'}"
        for number, name, it in zip(numbers, names, found, strict=True)
    )


@app.command(cls=Command)
def rename(
    ctx: typer.Context,
    category: CategoryArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its new name.")],
) -> None:
    """Give a category another name."""
    params = {"category": text(ctx, "CATEGORY", category), "name": text(ctx, "NAME", name)}
    renamed = ask(ctx, "category.rename", params)
    invocation(ctx).tell(renamed, f"Category {clean(category)!r} is {clean(renamed['name'])!r} now.")


@app.command(cls=Command)
def delete(
    ctx: typer.Context,
    *,
    category: CategoryArgument,
    move_to: Annotated[
        str | None, typer.Option("--move-to", metavar="CATEGORY", help="Its tasks go to this category.")
    ] = None,
    uncategorize: Annotated[bool, typer.Option("--uncategorize", help="Its tasks go to no category.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; one that is in use is refused.")] = False,
) -> None:
    """Delete a category; its tasks go to another one, or to none."""
    call = invocation(ctx)
    if move_to is not None and uncategorize:
        raise invalid(ctx, "Give one of --move-to and --uncategorize.")
    params: dict[str, Any] = {"category": text(ctx, "CATEGORY", category)}
    if move_to is not None or uncategorize:
        params["move_to"] = "" if uncategorize else named(ctx, "--move-to", move_to)
    try:
        gone = ask(ctx, "category.delete", params)
    except PomoError as error:
        if error.code != "category.in_use" or yes or call.json or not prompt.can_ask():
            raise
        params["move_to"] = _ask(ctx, category, error)
        gone = ask(ctx, "category.delete", params)
    where = params.get("move_to")
    moved = (
        "" if where is None else f" Its tasks are in {clean(where)!r} now." if where else " Its tasks have none now."
    )
    call.tell(gone, f"Category {clean(gone['name'])!r} deleted.{moved}")


def _ask(ctx: typer.Context, category: str, refused: PomoError) -> str:
    """Ask where the tasks go; answer the name of a category, or nothing for none. Raises what was refused."""
    wanted = category.strip().casefold()
    others = [
        str(it["name"])
        for it in ask(ctx, "category.list")["categories"]
        if wanted not in (str(it["name"]).casefold(), str(it["category_id"]), f"#{it['category_id']}")
    ]
    output.write(f"{refused.message} Where do they go?", output.STDERR)
    for number, name in enumerate(others, 1):
        output.write(f"  {number}  {clean(name)}", output.STDERR)
    output.write("  0  to no category", output.STDERR)
    for _ in range(_TRIES):
        answer = prompt.line("Number (nothing: leave it all as it is): ")
        if not answer:
            break
        if answer == "0":
            return ""
        if answer.isascii() and answer.isdigit() and int(answer[:9]) <= len(others):
            return others[int(answer[:9]) - 1]
        for name in others:
            if name.casefold() == answer.casefold():
                return name
    raise refused
