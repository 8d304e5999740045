"""What a TAB gets: `pomo --complete SHELL TYPE WORD...`, where the last word is the one under the cursor.

Light, as a TAB waits for it: no Typer, which would take longer than all the rest; what commands there are stands in
a table (completion_table.py). The daemon is asked for names, but not started, and not waited for; without it, or
whatever else goes wrong, there is less to complete and nothing to read.

A line for each candidate, and one for how many more there are. Names come from the user's data, and a shell obeys much:
for bash, which puts candidates into the line as they are, all that it may obey is escaped here; zsh and fish escape by
themselves, and get `value<tab>description`. A name with anything that a terminal obeys is not offered; its task's
number is.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pomo_cli import hot
from pomo_cli.completion_table import TABLE, Entry
from pomo_cli.tokens import TokenFile
from pomo_daemon.protocol.paths import lock_file, read_holder
from pomo_daemon.protocol.profiles import check_name
from pomo_daemon.protocol.text import clean
from pomo_daemon.protocol.version import PROTOCOL, VERSION

#: Seconds for the daemon's answer; a TAB in all has 120 ms.
PATIENCE: Final = 0.1
#: More than these no eye looks through; what is left out is told where the shell can.
MOST: Final = 200
_PIECE: Final = 1024 * 1024
#: COMP_TYPE of bash(1) where it lists several candidates and puts none of them into the line.
_LISTING: Final = ("63", "33", "64")
#: What bash never obeys, in no place of a word. All beyond ASCII is no operator of any shell either.
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,+%")
#: Of which tasks these commands take one; all others take an open one.
_STATUS: Final[dict[tuple[str, ...], str]] = {("task", "reopen"): "done", ("task", "restore"): "deleted"}


class Candidate(NamedTuple):
    """A word that fits; `number` stands for a name that a shell cannot be given. Without a value, a remark."""

    value: str
    meaning: str = ""
    number: str = ""


class Place(NamedTuple):
    """Where the cursor stands: in which command, what kind of word is due there, what there is of it, what else may.

    `profile` is the one that the line names, if it does.
    """

    path: tuple[str, ...]
    entry: Entry
    kind: str
    word: str
    options: bool
    commands: bool
    profile: str


def run(arguments: list[str]) -> int:
    """Print what completes the words."""
    try:
        shell, comp_type, *words = arguments
        shown = "".join(f"{line}\n" for line in lines(shell, comp_type, words))
        os.write(1, shown.encode("utf-8", "replace"))
    except Exception:  # noqa: BLE001, S110  # somebody is typing: nothing to read is better than a traceback
        pass
    return 0


def lines(shell: str, comp_type: str, words: Sequence[str]) -> list[str]:
    """Answer a line for each candidate, as the shell takes it."""
    *before, word = words or [""]
    quote, joined = "", ""
    if shell == "bash":
        before = [_unquote(it)[0] for it in _join(before)]
        if word == "=" or (before and before[-1].endswith("=") and before[-1].startswith("--")):
            before, word = _value_of(before, word)
        word, quote = _unquote(word)
    elif shell == "fish":
        word, _ = _unquote(word)
    if word.startswith("--") and "=" in word:
        option, _, word = word.partition("=")
        before, joined = [*before, option], f"{option}="
    place = locate(before, word)
    found = _cut([it for it in candidates(place) if clean(it.value) == it.value])
    if shell == "bash":
        return _for_bash(found, quote, listing=comp_type in _LISTING)
    # fish has no place for a remark: it would offer it.
    remarks = [f"\t{it.meaning}" for it in found if not it.value and shell != "fish"]
    shown = [f"{joined}{it.value}\t{clean(it.meaning)}".rstrip("\t") for it in found if it.value]
    return [*shown, *remarks]


def _cut(found: list[Candidate]) -> list[Candidate]:
    """Leave out what nobody looks through, and say how much that is."""
    remarks = [it for it in found if not it.value]
    words = [it for it in found if it.value]
    return [*words[:MOST], *([_more(len(words) - MOST)] if len(words) > MOST else remarks)]


def _more(count: int) -> Candidate:
    return Candidate("", f"{count} more: type on")


def _join(words: Sequence[str]) -> list[str]:
    """Put together what bash has parted at `=`: `--status`, `=`, `open`."""
    found: list[str] = []
    for word in words:
        if found and found[-1].startswith("--") and (word == "=" or found[-1].endswith("=")):
            found[-1] += word
        else:
            found.append(word)
    return found


def _value_of(before: list[str], word: str) -> tuple[list[str], str]:
    """Let the value behind `--option=` be completed by itself: bash has it as a word of its own."""
    if word == "=":
        return before, ""
    return [*before[:-1], before[-1][:-1]], word


def _unquote(word: str) -> tuple[str, str]:
    """Answer a word of a shell without its quotes, and the quote that is still open. Nothing is expanded."""
    found, quote, at = [], "", 0
    while at < len(word):
        letter = word[at]
        at += 1
        if letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        elif letter == "\\" and quote != "'" and at < len(word):
            found.append(word[at])
            at += 1
        else:
            found.append(letter)
    return "".join(found), quote


def _for_bash(found: Sequence[Candidate], quote: str, *, listing: bool) -> list[str]:
    """Escape candidates. Where bash only lists them, numbers get names: it takes nothing of that into the line."""
    words = [it for it in found if it.value]
    remarks = [it.meaning for it in found if not it.value] if listing else []
    if listing and len(words) > 1 and all(it.value.isdigit() for it in words):
        widest = max(len(it.value) for it in words)
        return [*(f"{it.value.rjust(widest)}  {clean(it.meaning)}".lstrip() for it in words), *remarks]
    escaped = [(_escape(it.value, quote), it.number) for it in words]
    if len(escaped) == 1:
        return [escaped[0][0] or escaped[0][1]]
    return [*(value for value, _ in escaped if value), *remarks]


def _escape(value: str, quote: str) -> str:
    """Answer the value so that bash takes it for itself, behind the open quote; nothing if that cannot be."""
    if quote == "'":
        return "" if "'" in value else value
    if quote == '"':
        # History is expanded within double quotes too, and a backslash there would stay; behind a quote bash adds none.
        return (
            "" if "!" in value or value.endswith('"') else "".join(f"\\{it}" if it in '\\"$`' else it for it in value)
        )
    return "".join(it if it in _PLAIN or not it.isascii() else f"\\{it}" for it in value)


def locate(before: Sequence[str], word: str) -> Place:
    """Walk through the words in front of the cursor."""
    path: tuple[str, ...] = ()
    entry = TABLE[path]
    waiting, arguments, literal, profile = "", 0, False, ""
    for it in before:
        if waiting:
            profile = it if waiting == "PROFILE" else profile
            waiting = ""
        elif not literal and it == "--":
            literal = True
        elif not literal and it.startswith("-") and len(it) > 1:
            option, is_joined, value = it.partition("=")
            kind = kind_of(entry, option)
            profile = value if is_joined and kind == "PROFILE" else profile
            waiting = "" if is_joined else kind
        elif (*path, it) in TABLE and not arguments:
            path = (*path, it)
            entry = TABLE[path]
        else:
            arguments += 1
    if waiting:
        return Place(path, entry, waiting, word, options=False, commands=False, profile=profile)
    kind = entry.arguments[arguments] if arguments < len(entry.arguments) else ""
    return Place(path, entry, kind, word, options=not literal, commands=not (literal or arguments), profile=profile)


def kind_of(entry: Entry, option: str) -> str:
    """Answer what kind of value an option takes: nothing for a flag, or one that is not known."""
    return next((kind for names, kind, _ in entry.options if option in names), "")


def candidates(place: Place) -> Iterator[Candidate]:
    """Answer what fits there."""
    word = place.word
    if place.options and word.startswith("-"):
        for names, _kind, meaning in place.entry.options:
            name = names[-1]
            if name.startswith(word) or word in names:
                yield Candidate(name, meaning)
        return
    if place.commands:
        depth = len(place.path)
        for path, entry in TABLE.items():
            if len(path) == depth + 1 and path[:depth] == place.path and path[-1].startswith(word):
                yield Candidate(path[-1], entry.summary)
    yield from _values(place)


def _values(place: Place) -> Iterator[Candidate]:
    kind, word = place.kind, place.word
    if kind == "TASK":
        yield from _tasks(place, _STATUS.get(place.path, "open"))
    elif kind == "CATEGORY":
        for it in _ask(place, "category.list")["categories"]:
            name = str(it["name"])
            if name.casefold().startswith(word.casefold()):
                yield Candidate(name, f"{it['tasks']} tasks", str(it["category_id"]))
    elif kind in _NUMBERS:
        for number, meaning in _NUMBERS[kind](place):
            if number.startswith(word.removeprefix("#")):
                yield Candidate(number, meaning)
    else:
        for value in _events(place) if kind == "EVENT" else _fixed(kind):
            if value.startswith(word):
                yield Candidate(value)


def _fixed(kind: str) -> Sequence[str]:
    """Answer the values of a kind that needs no daemon."""
    if "|" in kind:
        return [it for it in kind.split("|") if it.islower()]
    if kind == "OUTPUT":
        return hot.OUTPUTS
    if kind == "STATE":
        return hot.STATES
    if kind == "PROFILE":
        from pomo_cli import profile

        return tuple(profile.read().by_name)
    if kind == "KEY":
        from pomo_daemon.protocol.settings import SETTINGS

        return tuple(SETTINGS)
    return ()


def _events(place: Place) -> Sequence[str]:
    """Answer the events that have a hook: no other can be tried."""
    return sorted({str(it["event"]) for it in _ask(place, "hooks.list")["hooks"]})


def _intervals(place: Place) -> Iterator[tuple[str, str]]:
    for it in reversed(_ask(place, "history.list")["intervals"]):
        about = (it["phase"].replace("_", " "), it["status"], it["task"] or "")
        yield str(it["interval_id"]), " ".join(map(str, about)).rstrip()


def _logins(place: Place) -> Iterator[tuple[str, str]]:
    for it in _ask(place, "auth.logins"):
        yield str(it["login_id"]), str(it["device"])


def _schedules(place: Place) -> Iterator[tuple[str, str]]:
    for it in _ask(place, "schedule.list")["schedules"]:
        yield str(it["schedule_id"]), f"{it['cron']}  {it['task'] or it['text']}"


_NUMBERS: Final[dict[str, Callable[[Place], Iterator[tuple[str, str]]]]] = {
    "ID": _intervals,
    "LOGIN": _logins,
    "SCHEDULE": _schedules,
}


def _tasks(place: Place, status: str) -> Iterator[Candidate]:
    """Answer tasks by the beginning of their number or their name; first those that were changed last."""
    word = place.word
    found = _ask(place, "task.list", {"status": status, "sort": "updated", "prefix": word, "limit": MOST})
    digits = word.removeprefix("#")
    for it in found["tasks"]:
        number, name = str(it["task_id"]), str(it["name"])
        by_number = not digits or (digits.isdigit() and number.startswith(digits))
        # A name means an open task, and one of digits would be taken for a number.
        if by_number or status != "open" or clean(name) != name or name.removeprefix("#").isdigit():
            yield Candidate(number, name)
        else:
            yield Candidate(name, f"#{number}", number)
    if found["more"]:
        yield _more(found["more"])


def _ask(place: Place, method: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
    """Ask a daemon that runs. Raises whatever: where there is no answer in time, there is nothing to complete."""
    import _socket
    import json

    give_up = time.monotonic() + PATIENCE
    holder = read_holder(lock_file())
    if holder is None or not holder.is_wanted():
        raise ConnectionError
    profile = place.profile or os.environ.get("POMO_PROFILE") or holder.profile
    # One that is over is not renewed here: the next command does it.
    token = TokenFile(check_name(profile)).first_line()
    hello = {"protocol": PROTOCOL, "client": "pomo", "version": VERSION, "profile": profile, "token": token}
    asked = [("hello", hello), (method, params or {})]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": name, "params": given}).encode() + b"\n"
        for number, (name, given) in enumerate(asked)
    ]
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(holder.socket)
        if not hot._is_trusted(connection):  # noqa: SLF001
            raise ConnectionError
        connection.sendall(b"".join(lines))
        pieces: list[bytes] = []
        newlines = 0
        while newlines < len(asked):
            connection.settimeout(max(give_up - time.monotonic(), 0.001))
            piece = connection.recv(_PIECE)
            if not piece:
                raise ConnectionError
            pieces.append(piece)
            newlines += piece.count(b"\n")
    finally:
        connection.close()
    return json.loads(b"".join(pieces).split(b"\n")[1])["result"]
