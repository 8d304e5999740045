"""What the commands with many words share: one name in an argument, text as text, and a question to the daemon."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer

from pomo_cli.commands.shared import invalid, invocation
from pomo_cli.zone import Days, parse
from pomo_daemon.protocol.errors import ERRORS, PomoError
from pomo_daemon.protocol.framing import ANSWER_SECONDS


def ask(
    ctx: typer.Context, method: str, params: Mapping[str, Any] | None = None, *, patience: float = ANSWER_SECONDS
) -> Any:  # noqa: ANN401  # it is JSON
    """Answer the result of a method; what is not valid points to the help of this command. Raises PomoError."""
    try:
        with invocation(ctx).client() as client:
            return client.call(method, params, patience=patience)
    except PomoError as error:
        if error.code == "validation" and error.hint == ERRORS["validation"].hint:
            raise invalid(ctx, error.message) from None
        raise


def one(ctx: typer.Context, words: Sequence[str], what: str) -> str:
    """Answer the one word that an argument takes; several are a name that was not quoted."""
    if len(words) > 1:
        raise PomoError(
            "validation",
            f"There is one {what}, and these are several words.",
            f"Quote it: {ctx.command_path} '{' '.join(words)}'",
        )
    return text(ctx, what, words[0])


def text(ctx: typer.Context, what: str, value: str) -> str:
    """Answer text that is text: bytes which are none in this locale come as lone surrogates."""
    if not value.isascii() and any("\ud800" <= it <= "\udfff" for it in value):
        raise invalid(ctx, f"{what} is not text in the encoding of this locale.")
    return value


def named(ctx: typer.Context, option: str, value: str | None) -> str | None:
    """Answer the name that an option gives: an empty one would mean 'none' on the wire."""
    if value is not None and not value.strip():
        raise invalid(ctx, f"{option} is empty.")
    return value if value is None else text(ctx, option, value)


def instant(ctx: typer.Context, value: str, where: Days, *, past: bool = False, field: str = "") -> datetime:
    """Answer the instant that is meant. Raises PomoError with the field, if it is named, and the accepted forms."""
    try:
        return parse(value, where, past=past)
    except ValueError as error:
        raise invalid(ctx, f"{field}: {error}" if field else str(error)) from None


def is_day(value: str) -> bool:
    """Tell whether the text names a whole day, and no time of it."""
    words = value.strip().lower()
    return words in ("today", "yesterday", "tomorrow") or (len(words) == len("YYYY-MM-DD") and ":" not in words)


def chosen(ctx: typer.Context, option: str, value: str, choices: Sequence[str]) -> str:
    """Answer the value if it is one of the choices."""
    if value not in choices:
        raise invalid(ctx, f"{option}: there is no {value!r}; it takes one of {', '.join(choices)}")
    return value


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage within `with`: among ten thousand rows there is none, and the search takes its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
