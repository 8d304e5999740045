"""Indexes with words of one database, added to the tables when imported: by migrations and tests.

The daemon itself has no use for them, and their words would make it load every dialect they name.
"""

from sqlalchemy import Index, func, text

from pomo_daemon.adapters.db.tables import categories, changes, intervals, tasks, users

_ALIVE = text("deleted_at IS NULL")
_CURRENT = text("ended_at IS NULL")

Index("uq_users_username", func.lower(users.c.username), unique=True)
Index("uq_users_email", func.lower(users.c.email), unique=True)
Index(
    "uq_categories_name",
    categories.c.owner_id,
    func.lower(categories.c.name),
    unique=True,
    sqlite_where=_ALIVE,
    postgresql_where=_ALIVE,
)
Index("ix_tasks_owner_id_name", tasks.c.owner_id, func.lower(tasks.c.name))
# The last line of defence for "one current interval per user".
Index(
    "uq_intervals_current",
    intervals.c.owner_id,
    unique=True,
    sqlite_where=_CURRENT,
    postgresql_where=_CURRENT,
)
# Few changes are undone at any time, and each new one asks for them.
Index(
    "ix_changes_undone",
    changes.c.owner_id,
    sqlite_where=text("undone IS 1"),
    postgresql_where=text("undone IS true"),
)
