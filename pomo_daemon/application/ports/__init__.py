"""What the use cases need of the world.

Adapters implement these; tests/fakes holds a fake of each; one contract suite runs on all.
"""

from pomo_daemon.application.ports.arrivals import Arrival, Imports, Spool, Staged
from pomo_daemon.application.ports.changes import Change, Changes, Item
from pomo_daemon.application.ports.desktop import (
    Board,
    Button,
    Hook,
    HookEvent,
    HookRun,
    Hooks,
    Idle,
    Notification,
    Notifier,
)
from pomo_daemon.application.ports.events import Announcement, Bus, Draft, Outbox, Requests
from pomo_daemon.application.ports.failures import READ_ONLY, Stale, StoreError
from pomo_daemon.application.ports.machine import Alarm, Clock, Cron, Journal, Random, SharedClock
from pomo_daemon.application.ports.people import (
    AttemptLog,
    LoginRecord,
    Logins,
    Passwords,
    RefreshRecord,
    Users,
    Verdict,
)
from pomo_daemon.application.ports.plans import Categories, Schedules, Tasks
from pomo_daemon.application.ports.record import (
    WHOLE,
    Commits,
    Interrupted,
    Interruptions,
    Intervals,
    Page,
    Tallies,
    TimerRecord,
    Timers,
)
from pomo_daemon.application.ports.store import Finding, SharedStore, Store, UnitOfWork

__all__ = [
    "READ_ONLY",
    "WHOLE",
    "Alarm",
    "Announcement",
    "Arrival",
    "AttemptLog",
    "Board",
    "Bus",
    "Button",
    "Categories",
    "Change",
    "Changes",
    "Clock",
    "Commits",
    "Cron",
    "Draft",
    "Finding",
    "Hook",
    "HookEvent",
    "HookRun",
    "Hooks",
    "Idle",
    "Imports",
    "Interrupted",
    "Interruptions",
    "Intervals",
    "Item",
    "Journal",
    "LoginRecord",
    "Logins",
    "Notification",
    "Notifier",
    "Outbox",
    "Page",
    "Passwords",
    "Random",
    "RefreshRecord",
    "Requests",
    "Schedules",
    "SharedClock",
    "SharedStore",
    "Spool",
    "Staged",
    "Stale",
    "Store",
    "StoreError",
    "Tallies",
    "Tasks",
    "TimerRecord",
    "Timers",
    "UnitOfWork",
    "Users",
    "Verdict",
]
