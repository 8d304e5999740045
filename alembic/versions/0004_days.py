"""Totals of days, kept by triggers in the transaction of whatever changes an interval, its gaps or interruptions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
COUNTS = ("focus_s", "pomodoros", "stopped", "break_s", "breaks", "internal", "external")

# What an interval that has ended adds to the totals. Whole seconds of each, so that rows add up to what `log` shows.
TALLIES = """
    SELECT interval_id, owner_id, task_id, started_at, local_start,
      CASE WHEN focus THEN spent_s ELSE 0 END AS focus_s,
      CASE WHEN focus AND done THEN 1 ELSE 0 END AS pomodoros,
      CASE WHEN focus AND NOT done THEN 1 ELSE 0 END AS stopped,
      CASE WHEN focus THEN 0 ELSE spent_s END AS break_s,
      CASE WHEN focus THEN 0 ELSE 1 END AS breaks,
      (SELECT count(*) FROM interruptions x WHERE x.interval_id = t.interval_id AND x.kind = 'internal') AS internal,
      (SELECT count(*) FROM interruptions x WHERE x.interval_id = t.interval_id AND x.kind = 'external') AS external
    FROM (
      SELECT interval_id, owner_id, task_id, started_at, local_start,
        phase = 'focus' AS focus, status = 'completed' AS done,
        (ended_at - started_at - CAST(COALESCE(
          (SELECT sum(g.ended_at - g.started_at) FROM gaps g WHERE g.interval_id = i.interval_id), 0
        ) AS BIGINT)) / 1000000 AS spent_s
      FROM intervals i WHERE ended_at IS NOT NULL AND status <> 'cancelled'
    ) t
"""
COLUMNS = ", ".join(COUNTS)
ADD = ", ".join(f"{it} = days.{it} + excluded.{it}" for it in COUNTS)


def tally(sign: str, key: str) -> str:
    """Answer the statement that adds an interval to the totals of its day, or takes it out of them."""
    return f"""
        INSERT INTO days (owner_id, day_start, day, {COLUMNS})
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          {", ".join(f"{sign} * t.{it}" for it in COUNTS)}
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = {key}
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET {ADD}
    """  # noqa: S608  # of names that stand above


def sqlite_triggers() -> Iterator[str]:
    """Take what is about to change out of the totals, and add it as it is afterwards."""
    for table in ("intervals", "gaps", "interruptions"):
        for event in ("INSERT", "UPDATE", "DELETE"):
            for moment, sign in (("BEFORE", "-1"), ("AFTER", "1")):
                # A row has no number before it is inserted, and nothing to add after it is deleted.
                if table == "intervals" and (moment, event) in (("BEFORE", "INSERT"), ("AFTER", "DELETE")):
                    continue
                row = "NEW" if event == "INSERT" or (event == "UPDATE" and moment == "AFTER") else "OLD"
                ended = f" WHEN {row}.ended_at IS NOT NULL" if table == "intervals" else ""
                yield (
                    f"CREATE TRIGGER {table}_days_{moment.lower()}_{event.lower()} {moment} {event} ON {table}{ended} "
                    f"BEGIN {tally(sign, f'{row}.interval_id')}; END"
                )


def postgresql_triggers() -> Iterator[str]:
    """Do the same by one function."""
    yield f"""
        CREATE FUNCTION keep_days() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
          sign integer := CASE TG_WHEN WHEN 'BEFORE' THEN -1 ELSE 1 END;
          changed bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.interval_id ELSE OLD.interval_id END;
        BEGIN {tally("sign", "changed")};
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$
    """
    for table in ("intervals", "gaps", "interruptions"):
        for moment in ("BEFORE", "AFTER"):
            yield (
                f"CREATE TRIGGER {table}_days_{moment.lower()} {moment} INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION keep_days()"
            )


@cache
def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return UTC


def fill() -> None:
    """Note for each interval what the clock on the wall showed when it began."""
    epoch, bind = datetime(1970, 1, 1, tzinfo=UTC), op.get_bind()
    found = bind.execute(sa.text("SELECT interval_id, started_at, zone FROM intervals")).all()
    update = sa.text("UPDATE intervals SET local_start = :local WHERE interval_id = :key")
    for first in range(0, len(found), 1000):
        rows = []
        for key, started, zone in found[first : first + 1000]:
            local = (epoch + timedelta(microseconds=started)).astimezone(zone_of(zone)).replace(tzinfo=UTC)
            rows.append({"key": key, "local": (local - epoch) // timedelta(seconds=1)})
        bind.execute(update, rows)


def upgrade() -> None:
    op.create_table(
        "day_starts",
        sa.Column("owner_id", ID, nullable=False, autoincrement=False),
        sa.Column("day_start", BIG, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("owner_id", "day_start", name=op.f("pk_day_starts")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_day_starts_owner_id_users"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "days",
        sa.Column("owner_id", ID, nullable=False, autoincrement=False),
        sa.Column("day_start", BIG, nullable=False, autoincrement=False),
        sa.Column("day", BIG, nullable=False, autoincrement=False),
        *(sa.Column(name, BIG, nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("owner_id", "day_start", "day", name=op.f("pk_days")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_days_owner_id_users"), ondelete="CASCADE"
        ),
    )
    op.add_column("intervals", sa.Column("local_start", BIG, nullable=False, server_default="0"))
    fill()
    op.execute(f"CREATE VIEW tallies AS {TALLIES}")
    for statement in sqlite_triggers() if op.get_bind().dialect.name == "sqlite" else postgresql_triggers():
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in sqlite_triggers():
            op.execute(f"DROP TRIGGER {statement.split()[2]}")
    else:
        for table in ("intervals", "gaps", "interruptions"):
            for moment in ("before", "after"):
                op.execute(f"DROP TRIGGER {table}_days_{moment} ON {table}")
        op.execute("DROP FUNCTION keep_days()")
    op.execute("DROP VIEW tallies")
    op.drop_column("intervals", "local_start")
    op.drop_table("days")
    op.drop_table("day_starts")
