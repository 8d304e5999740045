"""The token file: whose it has to be, what it may hold, and that it is replaced whole, under a lock."""

import fcntl
import os
import stat
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli import tokens
from pomo_cli.tokens import TokenFile, Tokens, parse, write
from pomo_daemon.protocol.errors import PomoError

ADA = Tokens("ac-cess_1", "2026-11-24T09:15:00Z", "re-fresh_1", "2026-12-24T09:00:00Z", "3", "ada")


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(PomoError) as caught:
        work()
    return caught.value.code


def folder_mode() -> int:
    return stat.S_IMODE(os.stat(tokens.folder()).st_mode)


def test_tokens_are_kept_for_the_user_alone_and_go() -> None:
    file = TokenFile("work")
    assert (file.read(), file.first_line(), file.exists()) == (None, None, False)
    file.store(ADA)
    assert TokenFile("work").read() == ADA
    assert file.first_line() == ADA.access_token
    assert TokenFile("default").read() is None
    assert (stat.S_IMODE(os.stat(file.path).st_mode), folder_mode()) == (0o600, 0o700)
    file.remove()
    file.remove()
    assert os.listdir(tokens.folder()) == []


def test_tokens_are_replaced_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    file = TokenFile("work")
    file.store(ADA)

    def fail(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        assert code_of(lambda: file.store(ADA._replace(username="bob"))) == "internal"
    assert file.read() == ADA
    assert os.listdir(tokens.folder()) == ["work"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_is_refused(mode: int) -> None:
    file = TokenFile("work")
    file.store(ADA)
    os.chmod(file.path, mode)
    assert code_of(file.read) == code_of(file.first_line) == "auth.forbidden"
    file.store(ADA, in_keyring=False)
    assert file.read() == ADA


def test_a_folder_that_others_may_change_is_refused() -> None:
    file = TokenFile("work")
    file.store(ADA)
    os.chmod(tokens.folder(), 0o770)
    assert code_of(file.read) == code_of(lambda: file.store(ADA)) == "auth.forbidden"


def test_what_belongs_to_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = TokenFile("work")
    file.store(ADA)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert code_of(file.read) == "auth.forbidden"


def test_a_link_is_not_followed(place: str) -> None:
    file = TokenFile("work")
    file.store(ADA)
    os.rename(file.path, f"{place}/elsewhere")
    os.symlink(f"{place}/elsewhere", file.path)
    assert code_of(file.read) == "auth.forbidden"
    file.store(ADA._replace(username="bob"), in_keyring=False)
    assert not os.path.islink(file.path)
    with open(f"{place}/elsewhere", encoding="utf-8") as opened:
        assert opened.read() == write(ADA)


def test_a_folder_that_is_a_link_is_refused(place: str) -> None:
    TokenFile("work").store(ADA)
    os.rename(tokens.folder(), f"{place}/elsewhere")
    os.symlink(f"{place}/elsewhere", tokens.folder())
    assert code_of(TokenFile("work").read) == "auth.forbidden"


def test_a_pipe_is_no_file_and_nobody_waits_for_it() -> None:
    TokenFile("other").store(ADA)
    os.mkfifo(TokenFile("work").path, 0o600)
    assert code_of(TokenFile("work").read) == "auth.forbidden"


@pytest.mark.parametrize(
    "content", ["", "a\n", write(ADA) + "more\n", write(ADA)[:-1], write(ADA).replace("3\n", "x\n")]
)
def test_a_damaged_file_says_what_to_do(content: str) -> None:
    file = TokenFile("work")
    file.store(ADA)
    with open(file.path, "w", encoding="utf-8") as opened:
        opened.write(content)
    with pytest.raises(PomoError, match="damaged") as caught:
        file.read()
    assert (caught.value.exit, "pomo auth login" in caught.value.hint) == (5, True)


@given(st.text() | st.lists(st.text(max_size=5), max_size=8).map("\n".join))
def test_whatever_is_in_the_file_it_is_tokens_or_an_error(content: str) -> None:
    try:
        found = parse(content)
    except ValueError:
        return
    assert write(found) == content


word = st.text("abcXYZ019-_", min_size=1, max_size=43).filter(tokens.is_token)
field = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1)


@given(st.builds(Tokens, word, field, word, field, st.integers(1).map(str), field))
def test_what_is_written_is_read(given_tokens: Tokens) -> None:
    assert parse(write(given_tokens)) == given_tokens


@given(st.binary(max_size=200))
def test_whatever_bytes_are_in_the_file_nothing_else_is_raised(content: bytes) -> None:
    file = TokenFile("work")
    file.store(ADA)
    with open(file.path, "wb") as opened:
        opened.write(content)
    try:
        file.read()
    except PomoError as error:
        assert error.code == "auth.invalid_token"  # noqa: PT017  # either outcome is right


def test_a_lock_that_is_never_given_back_is_an_error_in_time(fake_time: list[float]) -> None:
    file = TokenFile("work")
    with file.locked():
        assert code_of(lambda: file.locked().__enter__()) == "daemon.unavailable"
    assert sum(fake_time) == pytest.approx(tokens.LOCK_SECONDS, abs=0.1)
    with file.locked(), open(f"{file.path}.lock", "rb") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FakeKeyring(ModuleType):
    """Keeps secrets in memory, as a backend of the package would."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.secrets: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def get_password(self, service: str, account: str) -> str | None:
        self._check()
        return self.secrets.get((service, account))

    def set_password(self, service: str, account: str, secret: str) -> None:
        self._check()
        self.secrets[service, account] = secret

    def delete_password(self, service: str, account: str) -> None:
        self._check()
        del self.secrets[service, account]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> FakeKeyring:
    import keyring.errors

    fake = FakeKeyring()
    fake.errors = keyring.errors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return fake


def test_a_keyring_keeps_the_tokens_and_the_file_says_so(keyring: FakeKeyring) -> None:
    file = TokenFile("work")
    file.store(ADA, in_keyring=True)
    assert keyring.secrets == {("pomo", file.path): write(ADA)}
    with open(file.path, encoding="ascii") as opened:
        assert opened.read() == "keyring\n"
    assert file.read() == ADA
    fresh = ADA._replace(access_token="access-2")
    file.store(fresh)
    assert file.read() == fresh
    file.store(ADA, in_keyring=False)
    assert (keyring.secrets, file.read()) == ({}, ADA)
    file.store(ADA, in_keyring=True)
    file.remove()
    assert (keyring.secrets, file.read()) == ({}, None)


def test_a_keyring_that_is_away_or_locked_is_told_and_keeps_nobody_from_logging_out(keyring: FakeKeyring) -> None:
    from keyring.errors import KeyringLocked, NoKeyringError

    file = TokenFile("work")
    file.store(ADA, in_keyring=True)
    for error, words in ((NoKeyringError(), "no keyring"), (KeyringLocked("it is locked"), "it is locked")):
        keyring.error = error
        with pytest.raises(PomoError, match=words) as caught:
            file.read()
        assert (caught.value.exit, "--tokens file" in caught.value.hint) == (5, True)
    file.remove()
    assert not file.exists()


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "keyring.errors", None)
    with pytest.raises(PomoError) as caught:
        TokenFile("work").store(ADA, in_keyring=True)
    assert "pip install 'pomo[keyring]'" in caught.value.hint
