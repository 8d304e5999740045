"""The one table of errors: dotted code -> JSON-RPC number, exit code, message, hint. docs/errors.md is made from it.

A code, once published, keeps its meaning, its number and its exit code.
"""

from typing import Final, NamedTuple

OK: Final = 0
UNEXPECTED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
CONFLICT: Final = 4
AUTH: Final = 5
DAEMON: Final = 6
DATABASE: Final = 7
TIMED_OUT: Final = 8
INCOMPATIBLE: Final = 9
INTERRUPTED: Final = 130
#: 128 + SIGPIPE, as a program that the signal ends: `pomo log | head` is no failure of ours, nor a success.
BROKEN_PIPE: Final = 141

EXIT_CODES: Final = {
    OK: "done",
    UNEXPECTED: "unexpected: a fault of pomo, or of the machine (disk full, database read-only)",
    USAGE: "usage, or an invalid value",
    NOT_FOUND: "not found",
    CONFLICT: "conflict with the present state",
    AUTH: "not authenticated, or not allowed",
    DAEMON: "daemon unavailable",
    DATABASE: "database unavailable",
    TIMED_OUT: "timed out",
    INCOMPATIBLE: "incompatible versions",
    INTERRUPTED: "interrupted (Ctrl-C)",
    BROKEN_PIPE: "the reader of the output went away",
}


class Row(NamedTuple):
    """One error: `rpc` is the JSON-RPC error number; `message` and `hint` stand in where the place knows no better."""

    rpc: int
    exit: int
    message: str
    hint: str


ERRORS: Final[dict[str, Row]] = {
    "protocol.error": Row(-32600, UNEXPECTED, "The request is not understood.", "See docs/protocol.md."),
    "protocol.parse": Row(-32700, UNEXPECTED, "The line is not JSON.", "Send one JSON-RPC 2.0 message a line."),
    "protocol.method": Row(-32601, UNEXPECTED, "There is no such method.", "Ask rpc.discover for the methods."),
    "protocol.too_large": Row(-32001, USAGE, "The line is too long.", "A line may hold 64 KiB."),
    "protocol.busy": Row(-32002, DAEMON, "Too many connections.", "Close some, or raise daemon.max_connections."),
    "protocol.timeout": Row(-32003, DAEMON, "The line was not finished in time.", "Send a whole line at once."),
    "protocol.version": Row(
        -32004,
        INCOMPATIBLE,
        "Command and daemon speak different versions.",
        "Run 'pomo daemon restart'; the running interval goes on.",
    ),
    "validation": Row(-32602, USAGE, "A value is not valid.", "See 'pomo COMMAND --help'."),
    "config.invalid": Row(-32010, USAGE, "The configuration is not valid.", "Run 'pomo config check'."),
    "task.not_found": Row(-32020, NOT_FOUND, "There is no such task.", "See 'pomo task list'."),
    "interval.not_found": Row(-32021, NOT_FOUND, "There is no such interval.", "See 'pomo log'."),
    "category.not_found": Row(-32023, NOT_FOUND, "There is no such category.", "See 'pomo category list'."),
    "schedule.not_found": Row(-32026, NOT_FOUND, "There is no such schedule.", "See 'pomo schedule list'."),
    "profile.not_found": Row(-32022, NOT_FOUND, "There is no such profile.", "See 'pomo profile list'."),
    "user.not_found": Row(-32024, NOT_FOUND, "There is no such user.", "See 'pomo auth whoami'."),
    "login.not_found": Row(-32025, NOT_FOUND, "There is no such login.", "See 'pomo auth logins'."),
    "timer.conflict": Row(-32030, CONFLICT, "Another interval is in the way.", "See 'pomo status'."),
    "timer.idle": Row(-32031, CONFLICT, "Nothing is running.", "Begin with 'pomo start'."),
    "timer.not_running": Row(-32032, CONFLICT, "The clock does not run.", "Go on with 'pomo resume'."),
    "category.exists": Row(-32035, CONFLICT, "There is such a category already.", "See 'pomo category list'."),
    "category.in_use": Row(
        -32036, CONFLICT, "Tasks belong to the category.", "Say where they go: '--move-to NAME' or '--uncategorize'."
    ),
    "undo.nothing": Row(-32037, CONFLICT, "There is nothing to undo.", "See 'pomo undo --list'."),
    "undo.conflict": Row(-32038, CONFLICT, "It was changed since.", "See 'pomo undo --list'; nothing was changed."),
    "history.overlap": Row(-32033, CONFLICT, "That time is taken.", "See 'pomo log'."),
    "task.ambiguous": Row(-32034, CONFLICT, "Several open tasks have that name.", "Name it by its number."),
    "import.not_found": Row(
        -32027, NOT_FOUND, "There is no such import.", "Import the file anew; nothing was changed."
    ),
    "user.exists": Row(-32039, CONFLICT, "There is such a user already.", "Log in, or choose another name."),
    "profile.opening": Row(-32047, DAEMON, "The profile is being opened.", "Try again in a moment."),
    "profile.exists": Row(-32045, CONFLICT, "There is such a profile already.", "See 'pomo profile list'."),
    "profile.in_use": Row(-32046, CONFLICT, "The profile is in use.", "Use another first: 'pomo profile use NAME'."),
    "auth.required": Row(-32040, AUTH, "That needs a login.", "Log in with 'pomo auth login'."),
    "auth.invalid_credentials": Row(-32042, AUTH, "Name or password is wrong.", "Try again."),
    "auth.invalid_token": Row(-32043, AUTH, "The login has ended.", "Log in with 'pomo auth login'."),
    "auth.rate_limited": Row(-32044, AUTH, "Too many attempts.", "Wait, then try again."),
    "auth.forbidden": Row(-32041, AUTH, "That is not allowed.", "Only the owner of the daemon may use this socket."),
    "daemon.unavailable": Row(-32050, DAEMON, "The daemon does not answer.", "See 'pomo daemon status'."),
    "daemon.database": Row(
        -32051,
        CONFLICT,
        "The daemon serves another database.",
        "Run 'pomo daemon restart' to have it serve this one, or set POMO_DATA_DIR to a folder for another daemon.",
    ),
    "database.unavailable": Row(-32060, DATABASE, "The database cannot be used.", "See 'pomo daemon logs'."),
    "database.error": Row(-32061, DATABASE, "The database failed.", "See 'pomo daemon logs'."),
    "database.newer": Row(
        -32062, INCOMPATIBLE, "The database was written by a newer pomo.", "Update pomo; nothing was changed."
    ),
    "database.read_only": Row(
        -32064, UNEXPECTED, "The database is read-only; nothing was changed.", "Make it writable, then go on."
    ),
    "wait.timeout": Row(-32070, TIMED_OUT, "What was waited for has not come.", "See 'pomo status'."),
    "wait.stopped": Row(-32071, CONFLICT, "The interval was stopped before its end.", "See 'pomo log'."),
    "database.conflict": Row(-32063, CONFLICT, "Something else is in its place.", "Nothing was changed."),
    "internal": Row(-32603, UNEXPECTED, "Something unexpected went wrong.", "See 'pomo daemon logs'."),
}


class PomoError(Exception):
    """An error with a row in the table: raised by the command's side, and made into a reply by the daemon's."""

    def __init__(self, code: str, message: str = "", hint: str = "") -> None:
        row = ERRORS.get(code, ERRORS["internal"])
        self.code = code
        self.message = message or row.message
        self.hint = hint or row.hint
        self.exit = row.exit
        super().__init__(self.message)
