"""Refresh tokens against plain rules: whoever presents whatever token, whenever, no login is ever in two hands."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pomo_daemon.application.auth import Tokens
from pomo_daemon.domain.errors import InvalidToken
from pomo_daemon.domain.tokens import GRACE, REFRESH_LASTS, digest
from tests.fakes.auth import FakeAuth

T = TypeVar("T")
SPANS = st.sampled_from(
    [timedelta(0), timedelta(microseconds=1), timedelta(seconds=1), GRACE, timedelta(minutes=14), REFRESH_LASTS / 2]
)


@dataclass
class Issued:
    """A refresh token by the rules: of which login, until when good, when spent and for what."""

    login_id: int
    tokens: Tokens
    expires_at: datetime
    spent_at: datetime | None = None
    successor: Tokens | None = None


@dataclass
class Device:
    """A login by the rules."""

    login_id: int
    over: bool = False
    chain: list[Issued] = field(default_factory=list)


class Rotation(RuleBasedStateMachine):
    """Two users, some logins of each, and somebody who kept every refresh token there ever was."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.auth = FakeAuth()
        self.devices: list[Device] = []

    def teardown(self) -> None:
        self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @property
    def issued(self) -> list[Issued]:
        return [it for device in self.devices for it in device.chain]

    def device(self, login_id: int) -> Device:
        return next(it for it in self.devices if it.login_id == login_id)

    @initialize()
    def register(self) -> None:
        for name in ("ada", "eve"):
            self.do(self.auth.register(name))

    @precondition(lambda self: len(self.devices) < 4)
    @rule(name=st.sampled_from(["ada", "eve"]))
    def log_in(self, name: str) -> None:
        tokens = self.do(self.auth.login(name))
        first = Issued(tokens.login_id, tokens, self.auth.clock.wall + REFRESH_LASTS)
        self.devices.append(Device(tokens.login_id, chain=[first]))

    @rule(span=SPANS)
    def wait(self, span: timedelta) -> None:
        self.auth.clock.advance(span)

    @precondition(lambda self: self.issued)
    @rule(data=st.data())
    def present(self, data: st.DataObject) -> None:
        """Present any token that was ever given out."""
        token = data.draw(st.sampled_from(self.issued))
        device, now = self.device(token.login_id), self.auth.clock.wall
        others = self.state_of_others(device.login_id)
        good = not device.over and now < token.expires_at
        in_grace = token.spent_at is not None and now - token.spent_at <= GRACE
        if good and (token.spent_at is None or in_grace):
            answer = self.do(self.auth.service.refresh(token.tokens.refresh_token))
            assert answer.login_id == device.login_id
            if token.successor is not None:
                assert answer == token.successor
            else:
                token.spent_at, token.successor = now, answer
                device.chain.append(Issued(device.login_id, answer, answer.refresh_expires_at))
        else:
            with pytest.raises(InvalidToken):
                self.do(self.auth.service.refresh(token.tokens.refresh_token))
            if good:
                device.over = True
                assert self.auth.memory.rows.logins[device.login_id].reason == "replayed"
        assert self.state_of_others(device.login_id) == others

    @precondition(lambda self: self.devices)
    @rule(data=st.data())
    def log_out(self, data: st.DataObject) -> None:
        device = data.draw(st.sampled_from(self.devices))
        current = device.chain[-1].tokens
        if not device.over and self.auth.clock.wall < current.access_expires_at:
            self.do(self.auth.service.logout(self.do(self.auth.who(current))))
            device.over = True

    def state_of_others(self, login_id: int) -> object:
        rows = self.auth.memory.rows
        return (
            {key: it for key, it in rows.logins.items() if key != login_id},
            {key: it for key, it in rows.refresh_tokens.items() if it.login_id != login_id},
        )

    @invariant()
    def at_most_one_refresh_token_of_a_login_is_unspent(self) -> None:
        for device in self.devices:
            kept = [it for it in self.auth.memory.rows.refresh_tokens.values() if it.login_id == device.login_id]
            unspent = [it.token_hash for it in kept if it.spent_at is None]
            assert unspent == ([] if device.over else [digest(device.chain[-1].tokens.refresh_token)])

    @invariant()
    def only_the_latest_access_token_of_a_login_that_lasts_proves_anything(self) -> None:
        for device in self.devices:
            for number, it in enumerate(reversed(device.chain)):
                tokens = it.tokens
                fresh = number == 0 and not device.over and self.auth.clock.wall < tokens.access_expires_at
                assert self.proves(tokens) is fresh

    def proves(self, tokens: Tokens) -> bool:
        try:
            return self.do(self.auth.who(tokens)).login_id == tokens.login_id
        except InvalidToken:
            return False

    @invariant()
    def no_token_was_given_out_twice(self) -> None:
        given = [secret for it in self.issued for secret in (it.tokens.access_token, it.tokens.refresh_token)]
        assert len(given) == len(set(given))

    @invariant()
    def each_login_that_was_ended_was_told_of_once(self) -> None:
        over = sorted(it.login_id for it in self.devices if it.over)
        assert sorted(self.auth.ended) == over
        assert sorted(it.data["login_id"] for it in self.auth.published if it.type == "login.revoked") == over


@pytest.mark.parametrize("number", range(2))
def test_no_login_is_ever_in_two_hands(number: int) -> None:
    # In two parts, so that the processors share them.
    machine = seed(number)(type("Rotation", (Rotation,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
