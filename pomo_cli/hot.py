"""The hot path: what prompts, bars and key bindings call costs little more than starting Python.

Imports only what every start has loaded already, and `_socket`; a test holds that. It understands the plain forms; for
all others it answers None and the full client takes over. The daemon renders, this copies bytes. There is no second
error path: whatever goes wrong here, the full client does again, and tells.
"""

import _socket
import os
import sys

#: These, the verbs and `_path` are those of protocol/framing.py, methods.py and paths.py, written again: an import more
#: is a file more to find and read at every prompt. Tests compare.
ANSWER_SECONDS = 2.0
REPORT_SECONDS = 120.0
STATUS_WORD = b"status "
DO_WORD = b"do "
REPORT_WORD = b"report "
VERBS = ("start", "break", "repeat", "pause", "resume", "toggle", "stop", "finish", "cancel", "skip")
STATES = ("running", "focus", "break", "paused", "idle")
PERIODS = ("day", "week", "month", "year")
OUTPUTS = ("plain", "json", "waybar", "i3status-rs", "i3blocks", "polybar", "tmux")
_LONGEST = 1000
#: The exit codes of errors that a login may mend, or patience.
_MENDABLE = (5, 6)
_UCRED = 12
_PIECE = 65536


def line(arguments: list[str]) -> bytes | None:
    """Answer the line to send for a command of the plain form: None for any other form."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    # A closed descriptor would be given to the socket; another encoding must not be copied into.
    if None in streams or sys.stdout.encoding != "utf-8":
        return None
    profile = os.environ.get("POMO_PROFILE") or "-"
    if profile != "-" and not (profile.isascii() and profile.replace("-", "_").isidentifier()):
        return None
    verb, *rest = arguments or ["status"]
    word, wanted = _WORDS.get(verb, _do)(verb, rest)
    return None if wanted is None else word + f"{profile} - {wanted}\n".encode()


def _do(verb: str, rest: list[str]) -> tuple[bytes, str | None]:
    # What a hook does must be told as such: the full client does.
    if (
        verb not in VERBS
        or "POMO_HOOK_DEPTH" in os.environ
        or (rest and not (verb == "start" and len(rest) == 1 and _is_plain(rest[0])))
    ):
        return DO_WORD, None
    return DO_WORD, " ".join((os.urandom(8).hex(), verb, *rest))


def _is_plain(name: str) -> bool:
    """Tell whether a task's name fits into a line as it is: printable, so without any control, and no option."""
    return name.isprintable() and 0 < len(name) < _LONGEST and name[0] != "-" and name == name.strip()


def _status(_verb: str, rest: list[str]) -> tuple[bytes, str | None]:
    return STATUS_WORD, _output(rest) if rest else "plain"


def _output(rest: list[str]) -> str | None:
    option, joined, value = rest[0].partition("=")
    if joined and option.startswith("--") and len(rest) == 1:
        pass
    elif not joined and len(rest) == 2:  # noqa: PLR2004  # an option and its value
        value = rest[1]
    else:
        return None
    if option in ("-o", "--output"):
        return value if value in OUTPUTS else None
    if option == "--check":
        return f"check {value}" if value in STATES else None
    if option in ("-f", "--format") and value.isprintable() and 0 < len(value) < _LONGEST:
        return f"template {value}"
    return None


def _report(_verb: str, rest: list[str]) -> tuple[bytes, str | None]:
    period = rest[0] if rest else "-"
    known = len(rest) < 2 and (not rest or period in PERIODS)  # noqa: PLR2004
    return REPORT_WORD, f"{_columns()} {_form()} {period}" if known else None


def _columns() -> int:
    """Answer how wide the terminal is, as shutil.get_terminal_size would."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and 0 < int(said) < _LONGEST:
        return int(said)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


def _form() -> str:
    """Tell whether more than ASCII can be drawn: render/glyphs.py says why so."""
    env = os.environ
    ctype = env.get("LC_CTYPE", "").replace("C.UTF-8", "")
    return "plain" if (env.get("LC_ALL") or ctype or env.get("LANG") or "") in ("C", "POSIX") else "drawn"


_WORDS = {"status": _status, "report": _report}


def ask(question: bytes) -> int | None:
    """Send the line to the daemon that the lock names, copy its answer out, and answer the exit code.

    None: there is no daemon, or one of another database, no whole answer came, or a login is needed, or patience. The
    full client may then send the very same line: the request id in it keeps the daemon from doing a thing twice.
    """
    try:
        pid, address, in_use = _daemon()
        question = _signed(question, in_use)
    except (OSError, ValueError):
        return None
    try:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.settimeout(REPORT_SECONDS if question.startswith(REPORT_WORD) else ANSWER_SECONDS)
            connection.connect(address)
            if not _is_trusted(connection):
                return None
            connection.sendall(question)
            code, text = _receive(connection)
        finally:
            connection.close()
    except TimeoutError:
        from pomo_cli import output
        from pomo_cli.reach import silent

        return output.complain(silent(pid, told=question.startswith(DO_WORD)))
    except (OSError, ValueError):
        return None
    return None if code in _MENDABLE else _show(code, text)


def _daemon() -> tuple[int, str, str]:
    """Read from the lock who the daemon is, where it listens, and which profile is in use. Raises OSError, ValueError.

    If the environment names a database, only a daemon that says the very same is meant.
    """
    lock = _path("POMO_DATA_DIR", "XDG_DATA_HOME", ".local/share", "daemon.lock")
    pid, _version, address, in_use, database, _end = _read(lock or "").split("\n")
    if os.environ.get("POMO_DATABASE_URL", "") not in ("", database):
        raise ValueError
    return int(pid), address, in_use


def _signed(question: bytes, in_use: str) -> bytes:
    """Put the access token into a line, if there is a login for its profile."""
    verb, profile, _none, rest = question.split(b" ", 3)
    name = in_use if profile == b"-" else profile.decode()
    file = _path("POMO_STATE_DIR", "XDG_STATE_HOME", ".local/state", f"tokens/{name}")
    try:
        token = _read(file).split("\n", 1)[0] if file else ""
    except OSError:
        token = ""
    if not (token.isascii() and token.replace("-", "").replace("_", "").isalnum()):
        return question
    return b" ".join((verb, profile, token.encode(), rest))


def _path(own: str, xdg: str, below_home: str, name: str) -> str | None:
    """Answer where a file of ours lies; None where only the user database knows the home."""
    env = os.environ
    said, base, home = (env.get(it, "") for it in (own, xdg, "HOME"))
    if said:
        return f"{said}/{name}" if said.startswith("/") else None
    if base.startswith("/"):
        return f"{base}/pomo/{name}"
    return f"{home}/{below_home}/pomo/{name}" if home.startswith("/") else None


def _read(path: str) -> str:
    """Read a small file; raise OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.read(fd, 4096).decode("utf-8", "surrogateescape")
    finally:
        os.close(fd)


def _is_trusted(connection: _socket.socket) -> bool:
    """Tell whether this user, or root, listens there (struct ucred of unix(7): pid, uid, gid)."""
    credentials = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _UCRED)
    return int.from_bytes(credentials[4:8], sys.byteorder) in (os.getuid(), 0)


def _receive(connection: _socket.socket) -> tuple[int, bytes]:
    """Read `ok <length>` or `error <exit code> <length>`, and that many bytes. Raises OSError, ValueError."""
    data = b""
    while b"\n" not in data:
        data += _more(connection)
    head, _, text = data.partition(b"\n")
    kind, *numbers = head.split(b" ")
    code, length = (0, *map(int, numbers)) if kind == b"ok" else map(int, numbers)
    while len(text) < length:
        text += _more(connection)
    return code, text[:length]


def _more(connection: _socket.socket) -> bytes:
    piece: bytes = connection.recv(_PIECE)
    if not piece:
        raise ConnectionResetError
    return piece


def _show(code: int, text: bytes) -> int:
    if not text:
        return code
    if not text.endswith(b"\n"):
        text += b"\n"
    fd = 2 if code else 1
    try:
        written = os.write(fd, text)
    except OSError:
        written = 0
    if written < len(text):
        # The reader is slow or gone, the disk full: the full client knows what to do with the rest.
        from pomo_cli import output

        try:
            output.copy(text[written:], fd)
        except (output.Gone, output.Unwritable) as error:
            # An error that nobody reads is an error still.
            return code or output.failed(error)
    return code
