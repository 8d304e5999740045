"""A bar that shows how far a long piece of work is; on a terminal only, where there is rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(*, shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function to tell it what is being done, how much of it is done, and how much there is."""
    if not shown:
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    drawn = Progress(*columns, console=Console(markup=False, emoji=False, highlight=False), transient=True)
    task = drawn.add_task("", total=None)

    def tell(what: str, done: int, total: int) -> None:
        drawn.update(task, description=what, completed=done, total=total)
        # Not before there is something to show: a question may come first.
        drawn.start()

    try:
        yield tell
    finally:
        drawn.stop()
