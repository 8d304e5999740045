"""The tables. A change here needs a revision in alembic/; a test compares both, and the difference must be empty.

Indexes that differ by database stand in indexes.py, which only migrations and tests read.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    column,
    table,
)

from pomo_daemon.adapters.db.types import Id, Instant, Span
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import GapReason, Phase, Status
from pomo_daemon.domain.report import COUNTS

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Hold a column to the values of an enumeration, by words that a later revision can replace on both databases."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _owner() -> Column[Any]:
    return Column("owner_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False)


users: Final = Table(
    "users",
    metadata,
    Column("user_id", Id, primary_key=True),
    Column("username", String(64), nullable=False),
    Column("email", String(254)),
    Column("password_hash", String(255)),
    Column("peer_uid", BigInteger, unique=True),
    Column("event_seq", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("event_seq >= 0", name="event_seq"),
    sqlite_autoincrement=True,
)

logins: Final = Table(
    "logins",
    metadata,
    Column("login_id", Id, primary_key=True),
    _owner(),
    Column("device", String(100), nullable=False),
    Column("peer_uid", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Column("access_hash", String(64), nullable=False, unique=True),
    Column("access_expires_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("revoked_at", Instant),
    Column("reason", String(16)),
    CheckConstraint("reason IN ('logout', 'revoked', 'passwd', 'replayed')", name="reason"),
    CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name="revoked"),
    Index("ix_logins_owner_id", "owner_id"),
    sqlite_autoincrement=True,
)

# Every refresh token of a login that lasts: whoever uses one a second time, however old, is seen.
refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("login_id", Id, ForeignKey("logins.login_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("spent_at", Instant),
    Column("seed", LargeBinary),
    CheckConstraint("(spent_at IS NULL) = (seed IS NULL)", name="spent"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", BigInteger, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
)

categories: Final = Table(
    "categories",
    metadata,
    Column("category_id", Id, primary_key=True),
    _owner(),
    Column("name", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    sqlite_autoincrement=True,
)
tasks: Final = Table(
    "tasks",
    metadata,
    Column("task_id", Id, primary_key=True),
    _owner(),
    Column("name", String(200), nullable=False),
    Column("description", String(2000), nullable=False),
    Column("pomodoro_count", BigInteger, nullable=False),
    Column("category_id", Id, ForeignKey("categories.category_id")),
    Column("due", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("deleted_at", Instant),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("pomodoro_count >= 0", name="pomodoro_count"),
    sqlite_autoincrement=True,
)
intervals: Final = Table(
    "intervals",
    metadata,
    Column("interval_id", Id, primary_key=True),
    _owner(),
    Column("task_id", Id, ForeignKey("tasks.task_id"), index=True),
    Column("phase", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("planned", Span),
    Column("zone", String(64), nullable=False),
    Column("note", String(2000), nullable=False),
    #: What the clock on the wall showed when it began: seconds since 1970, as if that clock were UTC's.
    Column("local_start", BigInteger, nullable=False, server_default="0"),
    #: How it ended, where the status is that of a cancelled one since another machine's lies in its place.
    Column("conflict", String(16)),
    _one_of("phase", Phase),
    _one_of("status", Status),
    CheckConstraint("ended_at >= started_at", name="ends_after_start"),
    CheckConstraint("(ended_at IS NULL) = (status IN ('running', 'paused'))", name="ended"),
    CheckConstraint("planned > 0", name="planned"),
    Index("ix_intervals_owner_id_started_at", "owner_id", "started_at"),
    sqlite_autoincrement=True,
)

gaps: Final = Table(
    "gaps",
    metadata,
    Column("gap_id", Id, primary_key=True),
    Column("interval_id", Id, ForeignKey("intervals.interval_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reason", String(16), nullable=False),
    _one_of("reason", GapReason),
    CheckConstraint("ended_at >= started_at", name="ends_after_start"),
)

interruptions: Final = Table(
    "interruptions",
    metadata,
    Column("interruption_id", Id, primary_key=True),
    Column("interval_id", Id, ForeignKey("intervals.interval_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", String(2000), nullable=False),
    _one_of("kind", InterruptionKind),
    sqlite_autoincrement=True,
)

#: Which totals of days are kept: those of days that begin so many seconds after midnight.
day_starts: Final = Table(
    "day_starts",
    metadata,
    Column("owner_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("day_start", BigInteger, primary_key=True, autoincrement=False),
)

#: The totals. Triggers keep them, nothing else writes here; `day` counts from 1970.
days: Final = Table(
    "days",
    metadata,
    Column("owner_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("day_start", BigInteger, primary_key=True, autoincrement=False),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    *(Column(name, BigInteger, nullable=False) for name in COUNTS),
)

#: What each interval that has ended adds to the totals: a view, made by the migrations.
tallies: Final = table(
    "tallies",
    *(column(name, BigInteger) for name in ("interval_id", "owner_id", "task_id", "local_start", *COUNTS)),
    column("started_at", Instant),
)

# Without a foreign key to the interval: one that was taken back and is done again finds its commits as they were.
commits: Final = Table(
    "commits",
    metadata,
    Column("owner_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("interval_id", Id, primary_key=True, autoincrement=False),
    Column("sha", String(64), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("repository", String(1000), nullable=False),
    Column("at", Instant, nullable=False),
)

schedules: Final = Table(
    "schedules",
    metadata,
    Column("schedule_id", Id, primary_key=True),
    _owner(),
    Column("cron", String(200), nullable=False),
    Column("action", String(16), nullable=False),
    Column("task_id", Id, ForeignKey("tasks.task_id")),
    Column("text", String(200), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("next_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("action IN ('start', 'notify')", name="action"),
    CheckConstraint("(action = 'start') = (task_id IS NOT NULL)", name="task"),
    Index("ix_schedules_owner_id", "owner_id"),
    sqlite_autoincrement=True,
)

timers: Final = Table(
    "timers",
    metadata,
    Column("user_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("interval_id", Id, ForeignKey("intervals.interval_id")),
    Column("due_phase", String(16)),
    Column("due_since", Instant),
    Column("due_after_id", Id, ForeignKey("intervals.interval_id")),
    Column("cycle_done", BigInteger, nullable=False),
    Column("cycle_touched_at", Instant),
    Column("last_task_id", Id, ForeignKey("tasks.task_id")),
    Column("last_planned", Span),
    Column("warned", Boolean, nullable=False),
    Column("anchor_wall", Instant),
    Column("anchor_boottime", Span),
    Column("anchor_boot_id", String(64)),
    Column("anchor_slept", Span),
    Column("left_at", Instant),
    CheckConstraint("interval_id IS NULL OR due_phase IS NULL", name="current_or_due"),
    CheckConstraint("(due_phase IS NULL) = (due_after_id IS NULL)", name="due"),
)

events: Final = Table(
    "events",
    metadata,
    Column("user_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("data", JSON, nullable=False),
)

changes: Final = Table(
    "changes",
    metadata,
    Column("change_id", Id, primary_key=True),
    _owner(),
    Column("at", Instant, nullable=False),
    Column("label", String(300), nullable=False),
    Column("undone", Boolean, nullable=False),
    Column("items", JSON, nullable=False),
    Index("ix_changes_owner_id_change_id", "owner_id", "change_id"),
    sqlite_autoincrement=True,
)

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("user_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("consumer", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

# What an import brought, so that a second one brings nothing: a checksum of what its program knows a thing by, and the
# number of the interval or task that came of it. It stays when that is deleted, as the user wanted it gone.
sources: Final = Table(
    "sources",
    metadata,
    Column("owner_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("source", LargeBinary(16), primary_key=True),
    Column("import_number", BigInteger, nullable=False),
    Column("key", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What an import that was undone had brought, for the redo: rows of a table, packed.
shelf: Final = Table(
    "shelf",
    metadata,
    Column("change_id", Id, ForeignKey("changes.change_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("of_table", String(32), nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

requests: Final = Table(
    "requests",
    metadata,
    Column("user_id", Id, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("request_id", String(64), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("answer", JSON, nullable=False),
)
