"""A shell names another database than the daemon of its data folder serves: it is told, and nothing goes astray."""

from tests.e2e.user import User


def test_no_command_goes_to_another_database_than_it_names(user: User) -> None:
    user.pomo("start", "Write report")
    elsewhere = User({**user.env, "POMO_DATABASE_URL": f"sqlite+aiosqlite:///{user.data}/other.db"})
    for command in ("", "status", "pause", "log", "task list", "daemon start"):
        error = elsewhere.fails(4, *command.split())
        assert f"The daemon (pid {user.pid}) serves another database than POMO_DATABASE_URL names." in error
        assert "pomo daemon restart" in error
    assert elsewhere.json("daemon", "status")["database"].endswith("/pomo.db")
    assert user.json("status")["state"] == "focus"
    # Who wants it moves the daemon over; both records stay as they are.
    elsewhere.pomo("daemon", "restart")
    assert elsewhere.json("status")["state"] == "idle"
    # A shell that names none takes the daemon as it is.
    assert user.json("status")["state"] == "idle"
    user.pomo("daemon", "restart")
    assert user.json("status")["state"] == "focus"
