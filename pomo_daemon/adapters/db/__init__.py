"""The database."""

from pomo_daemon.adapters.light import no_plugins

# Dialects of others are not used here.
with no_plugins():
    import sqlalchemy as sqlalchemy  # loaded here, so that it is loaded thus
