"""On PostgreSQL, ask for totals of days only where there are any: the triggers took most of the time of an import."""

from collections.abc import Iterator

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTS = ("focus_s", "pomodoros", "stopped", "break_s", "breaks", "internal", "external")
COLUMNS = ", ".join(COUNTS)
SIGNED = ", ".join(f"sign * t.{it}" for it in COUNTS)
ADD = ", ".join(f"{it} = days.{it} + excluded.{it}" for it in COUNTS)
TALLY = f"""
    INSERT INTO days (owner_id, day_start, day, {COLUMNS})
    SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400, {SIGNED}
    FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = changed
    ON CONFLICT (owner_id, day_start, day) DO UPDATE SET {ADD}
"""  # noqa: S608  # of names that stand above
# Users have totals from their first report on. The whole statement takes long to find nothing: most of it is a view.
COUNTED = (
    "EXISTS (SELECT FROM intervals i JOIN day_starts s USING (owner_id)"
    " WHERE i.interval_id = changed AND i.ended_at IS NOT NULL)"
)


def function(body: str) -> str:
    """Answer what makes the function that takes an interval out of the totals, or adds it to them."""
    return f"""
        CREATE OR REPLACE FUNCTION keep_days() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
          sign integer := CASE TG_WHEN WHEN 'BEFORE' THEN -1 ELSE 1 END;
          changed bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.interval_id ELSE OLD.interval_id END;
        BEGIN {body};
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$
    """


def triggers(before: str, after: str) -> Iterator[str]:
    """Answer what has the function called for intervals. `before`, `after`: at which events, and when."""
    for moment, events in (("before", before), ("after", after)):
        when, _, condition = events.partition(" WHEN ")
        yield f"DROP TRIGGER intervals_days_{moment} ON intervals"
        yield (
            f"CREATE TRIGGER intervals_days_{moment} {moment} {when} ON intervals FOR EACH ROW"
            f"{condition and f' WHEN ({condition})'} EXECUTE FUNCTION keep_days()"
        )


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(function(f"IF {COUNTED} THEN {TALLY}; END IF"))
        # A row has no number before it is inserted, and nothing to add after it is deleted.
        for statement in triggers(
            "UPDATE OR DELETE WHEN OLD.ended_at IS NOT NULL", "INSERT OR UPDATE WHEN NEW.ended_at IS NOT NULL"
        ):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(function(TALLY))
        for statement in triggers("INSERT OR UPDATE OR DELETE", "INSERT OR UPDATE OR DELETE"):
            op.execute(statement)
