"""Where imported intervals and tasks came from, and what an import that was undone had brought."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("owner_id", ID, autoincrement=False, nullable=False),
        sa.Column("source", sa.LargeBinary(16), nullable=False),
        sa.Column("import_number", BIG, nullable=False),
        sa.Column("key", BIG, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "source", name=op.f("pk_sources")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_sources_owner_id_users"), ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shelf",
        sa.Column("change_id", ID, autoincrement=False, nullable=False),
        sa.Column("part", BIG, autoincrement=False, nullable=False),
        sa.Column("of_table", sa.String(32), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", "part", name=op.f("pk_shelf")),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.change_id"], name=op.f("fk_shelf_change_id_changes"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("shelf")
    op.drop_table("sources")
