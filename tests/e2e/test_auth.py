"""Accounts and logins as a user has them: the real command, daemon and database, whose times are moved back."""

import contextlib
import glob
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.user import POMO, Done, User, environment_of

PASSWORD = "canary-7f3a correct horse"
OTHER = "canary-91bc battery staple"
CONFIG = '[profiles.team]\nlogin = "password"\n'


class Account(User):
    """A user of the profile `team`, which needs a login."""

    def types(self, secrets: str, *arguments: str) -> Done:
        """Run a command that reads secrets from its stdin."""
        done = subprocess.run(
            [*POMO, *arguments, "--password-stdin"],
            env=self.env,
            cwd="/",
            input=secrets.encode(),
            capture_output=True,
            check=False,
            timeout=20,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def register(self, name: str = "ada", password: str = PASSWORD) -> None:
        done = self.types(password + "\n", "auth", "register", "--username", name, "--email", f"{name}@example.org")
        assert (done.code, done.err) == (0, ""), done

    def login(self, name: str = "ada", password: str = PASSWORD) -> Done:
        return self.types(password + "\n", "auth", "login", "--username", name)

    @property
    def token_file(self) -> str:
        return f"{self.env['HOME']}/.local/state/pomo/tokens/team"

    @property
    def tokens(self) -> list[str]:
        return Path(self.token_file).read_text().splitlines()

    def execute(self, statement: str) -> None:
        """Change the database behind the daemon's back: what time would do."""
        with contextlib.closing(sqlite3.connect(f"{self.data}/team.db", timeout=10)) as connection, connection:
            connection.execute(statement)

    def let_access_expire(self) -> None:
        """Let a quarter of an hour pass for the access token, here and there."""
        self.execute(f"UPDATE logins SET access_expires_at = access_expires_at - {_micros(minutes=16)}")
        lines = self.tokens
        lines[1] = "2020-01-01T00:00:00Z"
        Path(self.token_file).write_text("".join(f"{it}\n" for it in lines))
        self.kill()  # the daemon knows the token by heart, until then


def _micros(**parts: float) -> int:
    return timedelta(**parts) // timedelta(microseconds=1)


@pytest.fixture
def account(user: User) -> Account:
    user.write_config(CONFIG)
    return Account({**user.env, "POMO_PROFILE": "team"})


@pytest.fixture
def elsewhere(account: Account, tmp_path: Path) -> Callable[[], Account]:
    """Give more devices of the same daemon: tokens of their own, and nothing else."""
    numbers = iter(range(9))

    def another() -> Account:
        return Account({**account.env, "POMO_STATE_DIR": str(tmp_path / f"device{next(numbers)}")})

    return another


def test_without_a_login_nothing_is_shown_and_nothing_done(account: Account) -> None:
    for words in (["status"], ["start", "x"], ["log"], ["task", "list"], ["auth", "whoami"], ["toggle"]):
        assert account.fails(5, *words) == "pomo: That needs a login.\n      Log in with 'pomo auth login'.\n"


def test_who_registers_is_logged_in_and_has_a_timer_of_their_own(account: Account) -> None:
    account.register()
    assert account.pomo("start", "Ours").startswith("Focus started: Ours")
    assert account.pomo("status", "-f", "{task}") == "Ours\n"
    me = account.json("auth", "whoami")
    assert (me["username"], me["email"], me["by"], me["profile"]) == ("ada", "ada@example.org", "password", "team")
    assert os.stat(account.token_file).st_mode & 0o777 == 0o600


def test_one_logs_in_by_name_and_by_email_whatever_the_case(account: Account) -> None:
    account.register()
    for name in ("ada", "ADA", "ada@example.org", "Ada@Example.ORG"):
        assert account.login(name).code == 0
        assert account.json("auth", "whoami")["username"] == "ada"


def test_a_wrong_password_and_an_unknown_user_are_answered_alike(account: Account) -> None:
    account.register()
    wrong, unknown = account.login("ada", "wrong password"), account.login("nobody", "wrong password")
    assert wrong == unknown
    assert wrong == Done(5, "", "pomo: Name or password is wrong.\n      Try again.\n")


def test_after_some_wrong_passwords_one_has_to_wait(account: Account) -> None:
    account.register()
    codes = [json.loads(_error(account)) for _ in range(5)]
    assert [it["error"]["code"] for it in codes][:3] == ["auth.invalid_credentials"] * 3
    assert codes[-1]["error"]["code"] == "auth.rate_limited"


def _error(account: Account) -> str:
    return account.types("wrong password\n", "auth", "login", "--username", "ada", "--json").err


def test_an_expired_access_token_is_renewed_without_the_user_noticing(account: Account) -> None:
    account.register()
    account.pomo("start", "Goes on")
    before = account.tokens
    account.let_access_expire()
    assert account.pomo("status", "-f", "{task}") == "Goes on\n"
    assert account.tokens[0] != before[0]
    assert account.tokens[2] != before[2]


def test_20_commands_at_once_with_an_expired_access_token_renew_it_once_and_are_all_answered(account: Account) -> None:
    account.register()
    account.let_access_expire()
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _: account.run("status", timeout=60), range(20)))
    assert {(it.code, it.out) for it in done} == {(0, "idle\n")}, done
    with contextlib.closing(sqlite3.connect(f"{account.data}/team.db")) as connection:
        assert connection.execute("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NOT NULL").fetchone() == (1,)
    assert account.json("auth", "whoami")["username"] == "ada"


def test_an_expired_refresh_token_ends_the_login(account: Account) -> None:
    account.register()
    account.execute(f"UPDATE refresh_tokens SET expires_at = expires_at - {_micros(days=31)}")
    account.execute(f"UPDATE logins SET expires_at = expires_at - {_micros(days=31)}")
    account.let_access_expire()
    assert account.fails(5, "log") == "pomo: The login has ended.\n      Log in again with 'pomo auth login'.\n"
    assert not os.path.exists(account.token_file)
    assert account.login().code == 0


def test_a_refresh_token_that_was_copied_ends_the_login_once_it_is_used_again_later(
    account: Account, elsewhere: Callable[[], Account]
) -> None:
    account.register()
    thief = elsewhere()
    os.makedirs(os.path.dirname(f"{thief.env['POMO_STATE_DIR']}/tokens/team"), mode=0o700)
    stolen = f"{thief.env['POMO_STATE_DIR']}/tokens/team"
    Path(stolen).write_text(Path(account.token_file).read_text())
    os.chmod(stolen, 0o600)
    account.pomo("auth", "refresh")
    # Within the grace both are given the same: the answer may have been lost.
    thief.pomo("auth", "refresh")
    assert Path(stolen).read_text().split()[0] == account.tokens[0]
    Path(stolen).write_text("".join(f"{it}\n" for it in account.tokens))
    account.pomo("auth", "refresh")
    account.execute(f"UPDATE refresh_tokens SET spent_at = spent_at - {_micros(seconds=21)} WHERE spent_at IS NOT NULL")
    assert thief.fails(5, "auth", "refresh").startswith("pomo: The login has ended.")
    assert account.run("log").code == 5


def test_logging_out_elsewhere_and_a_new_password_end_logins_at_once(
    account: Account, elsewhere: Callable[[], Account]
) -> None:
    account.register()
    phone, tablet = elsewhere(), elsewhere()
    for device in (phone, tablet):
        assert device.login().code == 0
        assert device.pomo() == "idle\n"
    first, second, third = account.json("auth", "logins")
    assert [it["current"] for it in (first, second, third)] == [True, False, False]
    account.pomo("auth", "revoke", str(second["login_id"]))
    assert phone.run("status").code == 5
    assert tablet.pomo() == "idle\n"
    assert account.types(f"{PASSWORD}\n{OTHER}\n", "auth", "passwd").code == 0
    assert tablet.run("status").code == 5
    assert account.pomo() == "idle\n"
    assert account.login("ada", PASSWORD).code == 5
    assert account.login("ada", OTHER).code == 0
    account.pomo("auth", "logout")
    assert not os.path.exists(account.token_file)
    assert account.run("status").code == 5


def test_two_accounts_of_one_database_see_nothing_of_each_other(
    account: Account, elsewhere: Callable[[], Account]
) -> None:
    account.register("ada")
    account.pomo("task", "add", "Secret")
    other = elsewhere()
    other.register("bob")
    assert "There is no task #1" in other.fails(3, "task", "show", "1")
    assert other.json("task", "list") == []
    assert "There is no login" in other.fails(3, "auth", "revoke", "1")


@pytest.mark.parametrize(
    ("name", "email"), [("ADA", "new@example.org"), ("new", "ADA@example.org"), ("new", "Ada@EXAMPLE.org")]
)
def test_a_name_or_an_email_that_is_taken_is_refused_whatever_its_case(name: str, email: str, account: Account) -> None:
    account.register()
    done = account.types(f"{PASSWORD}\n", "auth", "register", "--username", name, "--email", email, "--json")
    assert (done.code, json.loads(done.err)["error"]["code"]) == (4, "user.exists")


def test_where_registration_is_closed_nobody_makes_an_account(account: Account) -> None:
    account.write_config(CONFIG + '[auth]\nregistration = "closed"\n')
    done = account.types(f"{PASSWORD}\n", "auth", "register", "--username", "eve", "--email", "eve@example.org")
    assert (done.code, done.err.splitlines()[0]) == (5, "pomo: Nobody can register here.")


def test_a_profile_moves_from_the_peer_login_to_a_password_and_back_and_keeps_its_history(account: Account) -> None:
    account.write_config("[profiles.team]\n")
    account.pomo("start", "Mine")
    me = account.json("auth", "whoami")
    assert me["by"] == "peer"
    assert account.types(f"{PASSWORD}\n", "auth", "passwd").code == 0
    account.pomo("profile", "edit", "team", "--login", "password")
    assert account.run("status").code == 5
    assert account.login(me["username"]).code == 0
    assert account.pomo("status", "-f", "{task}") == "Mine\n"
    account.pomo("auth", "logout")
    account.pomo("profile", "edit", "team", "--login", "peer")
    assert account.pomo("status", "-f", "{task}") == "Mine\n"


@pytest.fixture
def watched(account: Account) -> Iterator[Account]:
    yield account
    secrets = [it.encode() for it in (PASSWORD, OTHER, "canary")]
    kept = [
        it for it in glob.glob(f"{account.env['HOME']}/**/*", recursive=True, include_hidden=True) if os.path.isfile(it)
    ]
    assert any(it.endswith("team.db") for it in kept)
    for path in kept:
        content = Path(path).read_bytes()
        assert not [it for it in secrets if it in content], path


def test_passwords_and_tokens_are_found_nowhere_but_in_the_token_file(watched: Account) -> None:
    watched.register()
    tokens = {watched.tokens[0], watched.tokens[2]}
    watched.login("ada", OTHER)
    watched.types(f"{PASSWORD}\n{OTHER}\n", "auth", "passwd")
    watched.pomo("auth", "refresh")
    tokens |= {watched.tokens[0], watched.tokens[2]}
    watched.write_config(CONFIG + '[log]\nlevel = "debug"\n')
    watched.pomo("daemon", "restart")
    watched.pomo("status")
    pid = User({k: v for k, v in watched.env.items() if k != "POMO_PROFILE"}).pid
    cmdline = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    for secret in (*tokens, PASSWORD, OTHER):
        assert secret not in cmdline
        assert secret not in str(environment_of(pid))
        for place in (watched.daemon_log(), Path(f"{watched.data}/team.db").read_bytes().decode("latin-1")):
            assert secret not in place
