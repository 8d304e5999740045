"""Accounts and logins over the wire: what each method answers, what is refused, and what is left behind."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pomo_daemon.protocol.errors import ERRORS
from pomo_daemon.protocol.methods import METHODS, Method
from pomo_daemon.server.routes import ROUTES, registered
from tests.e2e.user import User
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, greeted

PASSWORD = "correct horse"


def register(wire: Wire, username: str = "Eve") -> Any:
    return wire.call("auth.register", username=username, email=f"{username}@Example.org", password=PASSWORD)


def login(wire: Wire, name: str = "eve", **others: Any) -> Any:
    return wire.call("auth.login", name=name, password=PASSWORD, **others)


def test_an_account_is_made_and_logged_in_to(wire: Wire) -> None:
    made = register(wire)
    assert made == {"user_id": 2, "username": "Eve", "email": "Eve@Example.org"}
    tokens = login(wire, device="laptop")
    assert set(tokens) == {
        *("login_id", "username", "access_token", "access_expires_at", "refresh_token", "refresh_expires_at")
    }
    assert (tokens["username"], len(tokens["access_token"]), len(tokens["refresh_token"])) == ("Eve", 43, 43)
    expiries = (tokens["access_expires_at"], tokens["refresh_expires_at"])
    assert all(datetime.fromisoformat(it).tzinfo for it in expiries)
    renewed = wire.call("auth.refresh", refresh_token=tokens["refresh_token"])
    assert renewed["login_id"] == tokens["login_id"]
    assert wire.call("auth.refresh", refresh_token=tokens["refresh_token"]) == renewed


def test_a_peer_is_told_who_it_is(wire: Wire) -> None:
    found = wire.call("auth.whoami")
    assert found == {
        "user_id": 1,
        "username": "tester",
        "email": None,
        "login_id": None,
        "by": "peer",
        "profile": "default",
        "access_expires_at": None,
    }


def test_a_peer_sets_a_password_and_sees_and_ends_the_logins_made_with_it(wire: Wire) -> None:
    assert wire.call("auth.passwd", password=PASSWORD) == {"revoked": 0}
    first, second = (login(wire, "tester", device=device)["login_id"] for device in ("laptop", "desktop"))
    listed = wire.call("auth.logins")
    assert [(it["login_id"], it["device"], it["current"]) for it in listed] == [
        (first, "laptop", False),
        (second, "desktop", False),
    ]
    assert set(listed[0]) == {"login_id", "device", "created_at", "last_used_at", "expires_at", "current"}
    assert wire.call("auth.revoke", login_id=first) == {"login_id": first}
    assert wire.call("auth.passwd", password="another horse", old_password=PASSWORD) == {"revoked": 1}
    assert wire.call("auth.logins") == []


def test_refusals_have_their_codes(wire: Wire) -> None:
    register(wire)
    refused: list[tuple[tuple[str, dict[str, Any]], str]] = [
        (("auth.register", {"username": "EVE", "email": "x@y", "password": PASSWORD}), "user.exists"),
        (("auth.register", {"username": "x", "email": "eve@example.ORG", "password": PASSWORD}), "user.exists"),
        (("auth.register", {"username": "x@y", "email": "x@y", "password": PASSWORD}), "validation"),
        (("auth.register", {"username": "x", "email": "x@y", "password": "short"}), "validation"),
        (("auth.login", {"name": "eve", "password": "wrong horse"}), "auth.invalid_credentials"),
        (("auth.login", {"name": "nobody", "password": PASSWORD}), "auth.invalid_credentials"),
        (("auth.login", {"name": "eve", "password": "wrong horse"}), "auth.invalid_credentials"),
        (("auth.login", {"name": "eve", "password": PASSWORD}), "auth.rate_limited"),
        (("auth.refresh", {"refresh_token": "A" * 43}), "auth.invalid_token"),
        (("auth.logout", {}), "auth.required"),
        (("auth.revoke", {"login_id": 999}), "login.not_found"),
    ]
    assert [wire.error(method, **params)["code"] for (method, params), _ in refused] == [code for _, code in refused]


def test_every_refusal_is_in_the_table_with_an_exit_code() -> None:
    exits = {code: ERRORS[code].exit for code in ERRORS if code.startswith(("auth.", "user.", "login."))}
    assert exits == {
        "user.exists": 4,
        "user.not_found": 3,
        "login.not_found": 3,
        "auth.required": 5,
        "auth.invalid_credentials": 5,
        "auth.invalid_token": 5,
        "auth.rate_limited": 5,
        "auth.forbidden": 5,
    }


def test_a_method_is_registered_only_with_a_route_and_a_need_that_is_enforced() -> None:
    assert registered(METHODS, ROUTES) is ROUTES
    new = Method("auth.new", "none", False, "Do something new.")
    with pytest.raises(RuntimeError, match=r"auth\.new"):
        registered({**METHODS, "auth.new": new}, ROUTES)
    with pytest.raises(RuntimeError, match=r"auth\.login"):
        registered({name: it for name, it in METHODS.items() if name != "auth.login"}, ROUTES)
    for need in ("", "anybody", None):
        unguarded = {**METHODS, "auth.login": METHODS["auth.login"]._replace(needs=need)}  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match=r"auth\.login"):
            registered(unguarded, ROUTES)


def test_whoever_is_nobody_is_kept_from_every_method_that_needs_somebody(server: HostedServer) -> None:
    needy = [method.name for method in METHODS.values() if method.needs == "login"]
    assert "auth.passwd" in needy
    with Wire(server.path) as wire:
        for method in needy:
            assert wire.error(method)["code"] in ("protocol.error", "auth.required"), method


def test_passlib_is_loaded_with_the_first_password_and_nothing_of_it_is_left_behind(daemon: User) -> None:
    """No secret is in a file of the daemon, at the most talkative level of its log."""
    config = Path(daemon.env["HOME"], ".config/pomo/config.toml")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('log.level = "debug"\n')
    daemon.pomo("daemon", "stop")
    assert daemon.start_daemon() == 0

    def loaded() -> bool:
        return "argon2" in Path(f"/proc/{daemon.pid}/maps").read_text()

    secrets = ["canary horse", "canary guess"]
    with greeted(daemon.socket) as wire:
        assert not loaded()
        wire.call("auth.register", username="eve", email="eve@example.org", password="canary horse")
        tokens = wire.call("auth.login", name="eve", password="canary horse")
        wire.error("auth.login", name="canary guess", password="canary guess")
        renewed = wire.call("auth.refresh", refresh_token=tokens["refresh_token"])
        wire.error("auth.refresh", refresh_token=tokens["access_token"])
        assert loaded()
    secrets += [it[name] for it in (tokens, renewed) for name in ("access_token", "refresh_token")]
    found = b"".join(
        Path(folder, name).read_bytes()
        for folder, _, names in os.walk(daemon.env["HOME"])
        for name in names
        if not name.endswith(".sock") and Path(folder, name).is_file()
    )
    assert b"pomo_daemon" in found
    assert b"eve@example.org" in found
    for secret in secrets:
        assert secret.encode() not in found
    # The driver would log each statement with its values; that they are not there may be the limit's doing.
    assert " DEBUG " in daemon.daemon_log()
    assert "aiosqlite" not in daemon.daemon_log()
