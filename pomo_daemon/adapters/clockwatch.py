"""Notices that the wall clock was set, or the machine woke up: without polling, by a timer that the kernel cancels.

Source: timerfd_create(2), TFD_TIMER_CANCEL_ON_SET. Only Python 3.13 knows the call, so it is made through ctypes.
"""

import asyncio
import ctypes
import errno
import logging
import os
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

_CLOCK_REALTIME: Final = 0
_ABSTIME: Final = 1
_CANCEL_ON_SET: Final = 2
#: 2200-01-01: a time that does not come.
_NEVER: Final = 7_258_118_400


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class ClockWatch:
    """Calls back on the event loop after each step of the wall clock and each resume."""

    def __init__(self, stepped: Callable[[], None]) -> None:
        self._stepped = stepped
        self._fd = -1
        self._libc = ctypes.CDLL(None, use_errno=True)

    def start(self) -> None:
        """Begin to watch; where the kernel cannot, alarms are late after a step backwards, and the log says so."""
        try:
            self._fd = self._libc.timerfd_create(_CLOCK_REALTIME, os.O_NONBLOCK | os.O_CLOEXEC)
        except AttributeError:
            self._fd = -1
        if self._fd < 0:
            log.warning("steps of the clock are not noticed on this system")
            return
        self._arm()
        asyncio.get_running_loop().add_reader(self._fd, self._readable)

    def stop(self) -> None:
        """Watch no more."""
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _arm(self) -> None:
        spec = _Itimerspec(_Timespec(0, 0), _Timespec(_NEVER, 0))
        self._libc.timerfd_settime(self._fd, _ABSTIME | _CANCEL_ON_SET, ctypes.byref(spec), None)

    def _readable(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
        self._arm()
        log.info("the clock was set, or the machine woke up")
        self._stepped()
