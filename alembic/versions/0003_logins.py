"""Logins, their refresh tokens, and failed attempts.

Usernames and email addresses have been unique whatever their case since the first schema: no data needs to change.
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROSECONDS = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "logins",
        sa.Column("login_id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("peer_uid", sa.BigInteger()),
        sa.Column("created_at", MICROSECONDS, nullable=False),
        sa.Column("last_used_at", MICROSECONDS, nullable=False),
        sa.Column("access_hash", sa.String(64), nullable=False),
        sa.Column("access_expires_at", MICROSECONDS, nullable=False),
        sa.Column("expires_at", MICROSECONDS, nullable=False),
        sa.Column("revoked_at", MICROSECONDS),
        sa.Column("reason", sa.String(16)),
        sa.PrimaryKeyConstraint("login_id", name=op.f("pk_logins")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_logins_owner_id_users"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("access_hash", name=op.f("uq_logins_access_hash")),
        sa.CheckConstraint("reason IN ('logout', 'revoked', 'passwd', 'replayed')", name=op.f("ck_logins_reason")),
        sa.CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name=op.f("ck_logins_revoked")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_logins_owner_id", "logins", ["owner_id"])
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"])

    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("login_id", ID, nullable=False),
        sa.Column("issued_at", MICROSECONDS, nullable=False),
        sa.Column("expires_at", MICROSECONDS, nullable=False),
        sa.Column("spent_at", MICROSECONDS),
        sa.Column("seed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
        sa.ForeignKeyConstraint(
            ["login_id"], ["logins.login_id"], name=op.f("fk_refresh_tokens_login_id_logins"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("(spent_at IS NULL) = (seed IS NULL)", name=op.f("ck_refresh_tokens_spent")),
    )
    op.create_index("ix_refresh_tokens_login_id", "refresh_tokens", ["login_id"])
    op.create_index("ix_refresh_tokens_expires_at", "refresh_tokens", ["expires_at"])

    op.create_table(
        "attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_at", MICROSECONDS, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"])


def downgrade() -> None:
    for table in ("attempts", "refresh_tokens", "logins"):
        op.drop_table(table)
