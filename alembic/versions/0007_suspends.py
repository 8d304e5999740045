"""How long the machine had slept when a stretch began, and when a daemon left its timer."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timers", sa.Column("anchor_slept", sa.BigInteger()))
    op.add_column("timers", sa.Column("left_at", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("timers", "left_at")
    op.drop_column("timers", "anchor_slept")
