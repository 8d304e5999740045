"""The first schema: users, categories, tasks, intervals with gaps, timers, the outbox, kept answers.

A revision is a record of its day: it names types and values itself and never imports the tables as they are now.
"""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROSECONDS = sa.BigInteger()
BIG = sa.BigInteger()


def owner() -> sa.Column:
    return sa.Column("owner_id", ID, nullable=False)


def owner_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id"], ["users.user_id"], name=op.f(f"fk_{table}_owner_id_users"), ondelete="CASCADE"
    )


def user_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.user_id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )


def refers(table: str, column: str, other: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=op.f(f"fk_{table}_{column}_{other}"))


def check(table: str, name: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(words, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("peer_uid", BIG),
        sa.Column("event_seq", BIG, nullable=False),
        sa.Column("created_at", MICROSECONDS, nullable=False),
        sa.Column("updated_at", MICROSECONDS, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("peer_uid", name=op.f("uq_users_peer_uid")),
        check("users", "event_seq", "event_seq >= 0"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_users_username", "users", [sa.text("lower(username)")], unique=True)
    op.create_index("uq_users_email", "users", [sa.text("lower(email)")], unique=True)

    op.create_table(
        "categories",
        sa.Column("category_id", ID, nullable=False),
        owner(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", MICROSECONDS, nullable=False),
        sa.Column("updated_at", MICROSECONDS, nullable=False),
        sa.Column("deleted_at", MICROSECONDS),
        sa.PrimaryKeyConstraint("category_id", name=op.f("pk_categories")),
        owner_key("categories"),
        check("categories", "name", "length(name) BETWEEN 1 AND 200"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_categories_name",
        "categories",
        ["owner_id", sa.text("lower(name)")],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "tasks",
        sa.Column("task_id", ID, nullable=False),
        owner(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("pomodoro_count", BIG, nullable=False),
        sa.Column("category_id", ID),
        sa.Column("due", MICROSECONDS),
        sa.Column("created_at", MICROSECONDS, nullable=False),
        sa.Column("updated_at", MICROSECONDS, nullable=False),
        sa.Column("completed_at", MICROSECONDS),
        sa.Column("deleted_at", MICROSECONDS),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_tasks")),
        owner_key("tasks"),
        refers("tasks", "category_id", "categories", "category_id"),
        check("tasks", "name", "length(name) BETWEEN 1 AND 200"),
        check("tasks", "pomodoro_count", "pomodoro_count >= 0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tasks_owner_id_name", "tasks", ["owner_id", sa.text("lower(name)")])

    op.create_table(
        "intervals",
        sa.Column("interval_id", ID, nullable=False),
        owner(),
        sa.Column("task_id", ID),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_at", MICROSECONDS, nullable=False),
        sa.Column("ended_at", MICROSECONDS),
        sa.Column("planned", MICROSECONDS),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("interval_id", name=op.f("pk_intervals")),
        owner_key("intervals"),
        refers("intervals", "task_id", "tasks", "task_id"),
        check("intervals", "phase", "phase IN ('focus', 'short_break', 'long_break')"),
        check(
            "intervals",
            "status",
            "status IN ('running', 'paused', 'completed', 'stopped', 'skipped', 'cancelled')",
        ),
        check("intervals", "ends_after_start", "ended_at >= started_at"),
        check("intervals", "ended", "(ended_at IS NULL) = (status IN ('running', 'paused'))"),
        check("intervals", "planned", "planned > 0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intervals_owner_id_started_at", "intervals", ["owner_id", "started_at"])
    op.create_index(
        "uq_intervals_current",
        "intervals",
        ["owner_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "gaps",
        sa.Column("gap_id", ID, nullable=False),
        sa.Column("interval_id", ID, nullable=False),
        sa.Column("started_at", MICROSECONDS, nullable=False),
        sa.Column("ended_at", MICROSECONDS),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("gap_id", name=op.f("pk_gaps")),
        sa.ForeignKeyConstraint(
            ["interval_id"],
            ["intervals.interval_id"],
            name=op.f("fk_gaps_interval_id_intervals"),
            ondelete="CASCADE",
        ),
        check("gaps", "reason", "reason IN ('pause', 'suspend')"),
        check("gaps", "ends_after_start", "ended_at >= started_at"),
    )
    op.create_index("ix_gaps_interval_id", "gaps", ["interval_id"])

    op.create_table(
        "timers",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("interval_id", ID),
        sa.Column("due_phase", sa.String(16)),
        sa.Column("due_since", MICROSECONDS),
        sa.Column("due_after_id", ID),
        sa.Column("cycle_done", BIG, nullable=False),
        sa.Column("cycle_touched_at", MICROSECONDS),
        sa.Column("last_task_id", ID),
        sa.Column("last_planned", MICROSECONDS),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("anchor_wall", MICROSECONDS),
        sa.Column("anchor_boottime", MICROSECONDS),
        sa.Column("anchor_boot_id", sa.String(64)),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_timers")),
        user_key("timers"),
        refers("timers", "interval_id", "intervals", "interval_id"),
        refers("timers", "due_after_id", "intervals", "interval_id"),
        refers("timers", "last_task_id", "tasks", "task_id"),
        check("timers", "current_or_due", "interval_id IS NULL OR due_phase IS NULL"),
        check("timers", "due", "(due_phase IS NULL) = (due_after_id IS NULL)"),
    )

    op.create_table(
        "events",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("seq", BIG, nullable=False, autoincrement=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("at", MICROSECONDS, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "seq", name=op.f("pk_events")),
        user_key("events"),
    )

    op.create_table(
        "deliveries",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("consumer", sa.String(64), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "consumer", name=op.f("pk_deliveries")),
        user_key("deliveries"),
    )

    op.create_table(
        "requests",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("at", MICROSECONDS, nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "request_id", name=op.f("pk_requests")),
        user_key("requests"),
    )
    op.create_index("ix_requests_at", "requests", ["at"])


def downgrade() -> None:
    for table in ("requests", "deliveries", "events", "timers", "gaps", "intervals", "tasks", "categories", "users"):
        op.drop_table(table)
