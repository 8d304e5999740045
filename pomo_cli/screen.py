"""The whole terminal for a while: the alternate screen, keys as they are pressed, and all as it was in the end."""

import contextlib
import os
import select
import signal
import termios
import tty
from collections.abc import Sequence
from types import FrameType
from typing import Any, Final, Self

from pomo_cli import output

STDIN: Final = 0
# Alternate screen and cursor (xterm, "Private modes"); what is between begin and end of a frame is shown at once by
# terminals that know how (synchronized output), and passed over by others.
_ENTER: Final = "\x1b[?1049h\x1b[?25l"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_BEGIN: Final = "\x1b[?2026h\x1b[H"
_END: Final = "\x1b[K\x1b[J\x1b[?2026l"
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
_CAUGHT: Final = (*_ENDING, signal.SIGWINCH, signal.SIGTSTP)


class Screen:
    """The screen within `with`. `ended` is the exit code once a signal has asked to end."""

    def __init__(self) -> None:
        self.ended = 0
        self._frame = ""
        self._handlers: dict[signal.Signals, Any] = {}
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._woken = signal.set_wakeup_fd(self._writing)
        self._handlers = {number: signal.signal(number, _note) for number in _CAUGHT}
        self._enter()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._leave()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._woken)
        os.close(self._reading)
        os.close(self._writing)

    def watched(self) -> tuple[tuple[int, int], ...]:
        """Answer the descriptors on which keys and signals come, for select.poll."""
        return ((STDIN, select.POLLIN), (self._reading, select.POLLIN))

    def keys(self) -> str:
        """Answer what was typed since, and take signals in. What begins with an escape is no key of ours."""
        with contextlib.suppress(BlockingIOError):
            for number in os.read(self._reading, 64):
                if number in _ENDING:
                    self.ended = 128 + number
                elif number == signal.SIGTSTP:
                    self._suspend()
        if not select.select([STDIN], [], [], 0)[0]:
            return ""
        typed = os.read(STDIN, 256)
        if not typed:
            raise output.Gone
        return "" if typed.startswith(b"\x1b") else typed.decode("utf-8", "replace")

    def size(self) -> tuple[int, int]:
        """Answer columns and rows."""
        found = os.get_terminal_size(output.STDOUT)
        return found.columns, found.lines

    def draw(self, lines: Sequence[str]) -> None:
        """Show lines from the top, each no wider than the screen, in one write; nothing if they stand there."""
        frame = _BEGIN + "\x1b[K\r\n".join(lines[: self.size()[1]]) + _END
        if frame != self._frame:
            self._frame = frame
            _put(frame)

    def _enter(self) -> None:
        self._before = termios.tcgetattr(STDIN)
        tty.setcbreak(STDIN)
        self._frame = ""
        _put(_ENTER)

    def _leave(self) -> None:
        with contextlib.suppress(output.Gone, output.Unwritable):
            _put(_LEAVE)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(STDIN, termios.TCSANOW, self._before)

    def _suspend(self) -> None:
        """Stop, as Ctrl-Z asks, and leave the terminal to the shell until it goes on."""
        self._leave()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._enter()


def _note(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the descriptor for wake-ups has the number."""


def _put(text: str) -> None:
    output.copy(text.encode("utf-8"), output.STDOUT)
