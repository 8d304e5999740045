"""Where things lie: the one place that turns an environment into paths. Every command pays for what it imports.

Shell, cron, ssh and sudo must meet the same daemon. So the lock that makes a daemon the only one lies beside the
database, and says (pid, version, socket path, database) where that daemon listens: a client elsewhere finds it there.
"""

import errno
import os

LOCK_NAME = "daemon.lock"
SOCKET_NAME = "pomo.sock"
#: `sockaddr_un.sun_path` holds 108 bytes, the last of them NUL.
MAX_SOCKET_PATH = 107


class Holder:
    """What the running daemon wrote into its lock; `database` is a URL without its password."""

    __slots__ = ("database", "pid", "profile", "socket", "version")

    def __init__(self, pid: int, version: str, socket: str, profile: str = "", database: str = "") -> None:
        self.pid = pid
        self.version = version
        self.socket = socket
        #: The one in use by the configuration that this daemon keeps to.
        self.profile = profile or "default"
        self.database = database

    def is_wanted(self) -> bool:
        """Tell whether its database is the one that the environment names, if it names any."""
        wanted = os.environ.get("POMO_DATABASE_URL", "")
        if not wanted or not self.database:
            return True
        from pomo_daemon.protocol.profiles import check_field, to_show

        try:
            return to_show(check_field("database_url", wanted)) == self.database
        except ValueError:
            return False


def home() -> str:
    """Answer the home folder, by the user database where HOME is missing (cron, containers)."""
    found = os.environ.get("HOME", "")
    if found.startswith("/"):
        return found
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"


def _place(own: str, xdg: str, below_home: str) -> str:
    env = os.environ
    found = env.get(own, "")
    if found:
        return os.path.abspath(found)
    base = env.get(xdg, "")
    # The XDG specification: a relative path is invalid and to be ignored.
    return (base if base.startswith("/") else f"{home()}/{below_home}") + "/pomo"


def config_file() -> str:
    """Answer the configuration file; it need not exist."""
    found = os.environ.get("POMO_CONFIG", "")
    if found:
        return os.path.abspath(found)
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (base if base.startswith("/") else f"{home()}/.config") + "/pomo/config.toml"


def data_dir() -> str:
    """Answer the folder of the database and the daemon's lock."""
    return _place("POMO_DATA_DIR", "XDG_DATA_HOME", ".local/share")


def state_dir() -> str:
    """Answer the folder of logs and other state that may be lost."""
    return _place("POMO_STATE_DIR", "XDG_STATE_HOME", ".local/state")


def runtime_dir() -> str:
    """Answer the folder of the socket: as told, in the user's runtime folder if it is ours, or the state folder."""
    env = os.environ
    found = env.get("POMO_RUNTIME_DIR", "")
    if found:
        return os.path.abspath(found)
    uid = os.getuid()
    for base in (env.get("XDG_RUNTIME_DIR", ""), f"/run/user/{uid}"):
        if base.startswith("/"):
            try:
                # Under sudo -E the variable names a folder of somebody else: never put a socket there.
                if os.stat(base).st_uid == uid:
                    return f"{base}/pomo"
            except OSError:
                pass
    return f"{state_dir()}/run"


def system_socket() -> str:
    """Answer where the daemon of the whole machine listens, if there is one."""
    return os.environ.get("POMO_SYSTEM_SOCKET") or "/run/pomo/pomo.sock"


def socket_file() -> str:
    """Answer where the daemon of this database listens, unless somebody else gives it a socket."""
    return f"{runtime_dir()}/{_instance()}-{SOCKET_NAME}"


def status_files(socket: str) -> str:
    """Answer how the paths of the files for prompts begin, beside a socket; `PROFILE.status` follows.

    Without a profile it is the one in use.
    """
    return f"{os.path.dirname(socket)}/{_instance()}-"


def _instance() -> str:
    """Name a database's folder: daemons of several may share a runtime folder."""
    import hashlib

    return hashlib.sha256(os.fsencode(os.path.realpath(data_dir()))).hexdigest()[:8]


def lock_file() -> str:
    """Answer the file whose lock makes a daemon the only one on this database.

    It lies beside the database; or with the sockets, for a daemon that came up while nothing could be written there.
    """
    folder, beside = data_dir(), lock_beside()
    try:
        found = os.stat(folder)
    except OSError:
        return beside
    spare = f"{runtime_dir()}/{found.st_dev:x}-{found.st_ino:x}/{LOCK_NAME}"
    if is_locked(spare):
        return spare
    if os.access(folder, os.W_OK) or is_locked(beside) or not _can_be_made(os.path.dirname(spare)):
        return beside
    return spare


def lock_beside() -> str:
    """Answer the file of the lock where everything can be written."""
    return f"{data_dir()}/{LOCK_NAME}"


def is_locked(path: str) -> bool:
    """Tell whether somebody holds the lock of a file; raise OSError where it cannot be opened, though it is there."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
            return False
        raise
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _can_be_made(folder: str) -> bool:
    """Tell whether files can be made in a folder, which need not be there yet."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.access(folder, os.W_OK)


def read_holder(path: str) -> Holder | None:
    """Read who holds the lock at `path`: None if nobody ever did, or a daemon is just starting.

    The text outlives a killed daemon, so it says where one would answer, not that one does.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        lines = os.read(fd, 4096).decode("utf-8", "surrogateescape").split("\n")
    finally:
        os.close(fd)
    # Three lines, each ended, are in the lock of a daemon of any version; this one's has five.
    if len(lines) < 4 or not lines[0].isdigit():  # noqa: PLR2004
        return None
    profile, database = (lines[3], lines[4]) if len(lines) > 5 else ("", "")  # noqa: PLR2004
    return Holder(int(lines[0]), lines[1], lines[2], profile, database)


def read_work(path: str) -> tuple[str, int] | None:
    """Read which work on the database holds the lock at `path` in place of a daemon, and its pid."""
    try:
        with open(path, encoding="utf-8", errors="replace") as opened:
            what, pid, *rest = opened.read(4096).split("\n")
    except (OSError, ValueError):
        return None
    return (what, int(pid)) if len(rest) == 1 and not what.isdigit() and pid.isdigit() else None


def without_password(url: str) -> str:
    """Answer a database's URL as it may be shown."""
    head, at, tail = url.rpartition("@")
    scheme, separator, account = head.partition("://")
    return f"{scheme}{separator}{account.partition(':')[0]}{at}{tail}" if at else url
