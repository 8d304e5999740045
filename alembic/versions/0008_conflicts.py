"""Intervals that were kept while the database was away, where another machine recorded others."""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # How it ended. Its status is that of a cancelled one, which no trigger and no total counts.
    op.add_column("intervals", sa.Column("conflict", sa.String(16)))


def downgrade() -> None:
    op.drop_column("intervals", "conflict")
