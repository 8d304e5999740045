"""From a rich renderable to the text a terminal gets; imported only where there is one."""

import io

from rich.console import Console, RenderableType


def draw(what: RenderableType, columns: int) -> str:
    """Draw for a terminal of so many columns."""
    paper = io.StringIO()
    Console(file=paper, force_terminal=True, width=columns, markup=False, emoji=False, highlight=False).print(what)
    # rich fills lines up to the width, which a terminal wraps badly when it is made narrower.
    return "\n".join(line.rstrip() for line in paper.getvalue().split("\n"))
