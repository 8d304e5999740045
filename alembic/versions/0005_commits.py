"""Commits made during intervals."""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "commits",
        sa.Column("owner_id", ID, autoincrement=False, nullable=False),
        sa.Column("interval_id", ID, autoincrement=False, nullable=False),
        sa.Column("sha", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("repository", sa.String(1000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "interval_id", "sha", name=op.f("pk_commits")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_commits_owner_id_users"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("commits")
