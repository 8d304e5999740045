"""The entry point: the hot path if it understands, else the full client."""

import os
import sys

from pomo_cli import hot


def main() -> None:
    """Run the command line; end the process without taking Python down, which would cost as much as the work."""
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    os._exit(code)


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["--complete"]:
        from pomo_cli import complete

        return complete.run(arguments[1:])
    line = hot.line(arguments)
    code = None if line is None else hot.ask(line)
    if code is not None:
        return code
    from pomo_cli import app

    return app.run(arguments) if line is None else app.send(line)


if __name__ == "__main__":
    main()
