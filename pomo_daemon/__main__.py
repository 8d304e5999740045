"""The daemon as a process: `pomo-daemon` in the foreground, `--detached` as clients start it, `--system` for all."""

import contextlib
import os
import sys

from pomo_daemon.protocol.errors import OK, USAGE, PomoError
from pomo_daemon.protocol.version import VERSION


def main() -> None:
    """Run; end with the exit codes of the error table."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"pomo-daemon {VERSION}\n")
        sys.exit(OK)
    if arguments not in ([], ["--detached"], ["--system"]):
        sys.stderr.write("usage: pomo-daemon [--detached | --system | --version]\n")
        sys.exit(USAGE)
    code = _run(detached=arguments == ["--detached"], system=arguments == ["--system"])
    # Everything is closed by now. A driver's thread that was cut off in a call must not keep the process from ending.
    sys.stderr.flush()
    os._exit(code)


def _run(*, detached: bool, system: bool) -> int:
    import asyncio
    import gc

    os.umask(0o077)
    # What is loaded stays. To look for garbage in it over and over would be a tenth of a start.
    gc.disable()
    try:
        from pomo_daemon.application.ports import StoreError
        from pomo_daemon.bootstrap import Daemon

        gc.freeze()
        gc.enable()
        try:
            daemon = Daemon(foreground=not detached, system=system)
            if daemon.claim():
                asyncio.run(daemon.serve(_say_ready if detached else lambda: None))
            elif detached:
                _say_ready()
            else:
                sys.stderr.write("pomo-daemon: another daemon serves this database.\n")
        except StoreError as error:
            raise PomoError(error.code, error.message, error.hint) from error
    except PomoError as error:
        return _fail(error, detached=detached)
    except KeyboardInterrupt:
        return OK
    except Exception as error:  # noqa: BLE001  # nobody else could say why there is no daemon
        return _fail(PomoError("internal", f"The daemon failed: {error!r}."), detached=detached)
    return OK


def _say_ready() -> None:
    """Tell the client that started us, and let go of its pipe."""
    with contextlib.suppress(OSError):  # it may be gone by now
        os.write(2, b"ready\n")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _fail(error: PomoError, *, detached: bool) -> int:
    if detached:
        parts = (error.code, error.message, error.hint)
        sys.stderr.write("\t".join(" ".join(part.split()) for part in parts) + "\n")
    else:
        sys.stderr.write(f"pomo-daemon: {error.message}\n             {error.hint}\n")
    return error.exit


if __name__ == "__main__":
    main()
