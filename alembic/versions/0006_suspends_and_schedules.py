"""How long the machine had slept when a stretch began, when a daemon left its timer; schedules."""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("timers", sa.Column("anchor_slept", sa.BigInteger()))
    op.add_column("timers", sa.Column("left_at", sa.BigInteger()))
    op.create_table(
        "schedules",
        sa.Column("schedule_id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("cron", sa.String(200), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("task_id", ID),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("pk_schedules")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_schedules_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.task_id"], name=op.f("fk_schedules_task_id_tasks")),
        sa.CheckConstraint("action IN ('start', 'notify')", name=op.f("ck_schedules_action")),
        sa.CheckConstraint("(action = 'start') = (task_id IS NOT NULL)", name=op.f("ck_schedules_task")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_schedules_owner_id"), "schedules", ["owner_id"])


def downgrade() -> None:
    op.drop_table("schedules")
    op.drop_column("timers", "left_at")
    op.drop_column("timers", "anchor_slept")
