"""Interruptions, the changes that can be undone, and triggers that keep intervals of a user from overlapping."""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()

# As long as no two intervals overlap, only the one that begins last before the new one ends can overlap it. So one
# look into the index tells, however long the history. A current interval ends after every other.
TAKEN = """
    (SELECT COALESCE(ended_at, 9223372036854775807) FROM intervals
      WHERE owner_id = NEW.owner_id AND interval_id <> NEW.interval_id AND status <> 'cancelled'
        AND started_at < COALESCE(NEW.ended_at, 9223372036854775807)
      ORDER BY started_at DESC LIMIT 1) > NEW.started_at
"""


def upgrade() -> None:
    op.create_table(
        "interruptions",
        sa.Column("interruption_id", ID, nullable=False),
        sa.Column("interval_id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("interruption_id", name=op.f("pk_interruptions")),
        sa.ForeignKeyConstraint(
            ["interval_id"],
            ["intervals.interval_id"],
            name=op.f("fk_interruptions_interval_id_intervals"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("kind IN ('internal', 'external')", name=op.f("ck_interruptions_kind")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_interruptions_interval_id", "interruptions", ["interval_id"])

    op.create_table(
        "changes",
        sa.Column("change_id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_changes_owner_id_users"), ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_owner_id_change_id", "changes", ["owner_id", "change_id"])
    op.create_index(
        "ix_changes_undone",
        "changes",
        ["owner_id"],
        sqlite_where=sa.text("undone IS 1"),
        postgresql_where=sa.text("undone IS true"),
    )
    op.create_index("ix_intervals_task_id", "intervals", ["task_id"])

    if op.get_bind().dialect.name == "sqlite":
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER intervals_no_overlap_{event.lower()} AFTER {event} ON intervals "
                f"WHEN NEW.status <> 'cancelled' AND {TAKEN} BEGIN SELECT RAISE(ABORT, 'intervals overlap'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION intervals_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.status <> 'cancelled' AND {TAKEN} THEN "
            "RAISE EXCEPTION 'intervals overlap' USING ERRCODE = 'exclusion_violation'; END IF; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER intervals_no_overlap AFTER INSERT OR UPDATE ON intervals "
            "FOR EACH ROW EXECUTE FUNCTION intervals_no_overlap()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER intervals_no_overlap_insert")
        op.execute("DROP TRIGGER intervals_no_overlap_update")
    else:
        op.execute("DROP TRIGGER intervals_no_overlap ON intervals")
        op.execute("DROP FUNCTION intervals_no_overlap()")
    op.drop_index("ix_intervals_task_id", "intervals")
    op.drop_table("changes")
    op.drop_table("interruptions")
