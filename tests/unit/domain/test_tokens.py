"""Tokens: what they look like, what is kept of them, which follow from which."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.tokens import Pair, digest, may_repeat, successors, written
from tests.fakes.clock import NOON

SEEDS = st.binary(min_size=32, max_size=32)
TOKENS = SEEDS.map(written)


@given(SEEDS)
def test_a_token_is_43_characters_that_hold_all_256_bits(chance: bytes) -> None:
    token = written(chance)
    assert len(token) == 43
    assert token.replace("-", "").replace("_", "").isalnum()
    assert urlsafe_b64decode(token + "=") == chance


def test_the_derivation_stays_what_it_is() -> None:
    """Seeds are stored: another derivation would answer a lost reply with tokens that nobody has."""
    assert successors(bytes(range(32)), "A" * 43) == Pair(
        "bNqr0gRwXV9wW57m4P2cnZ6dOTDyyU-yOntMbgZSiJE",
        "howp9L0BrGGsoBQHp4qUAsvrb3jONst221OdxHZDegA",
    )
    assert digest("A" * 43) == "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"


@given(SEEDS, TOKENS)
def test_the_same_seed_and_token_lead_to_the_same_pair(seed: bytes, token: str) -> None:
    pair = successors(seed, token)
    assert pair == successors(seed, token)
    assert len({pair.access, pair.refresh, token}) == 3
    assert len(pair.access) == len(pair.refresh) == 43


@given(SEEDS, SEEDS, TOKENS, TOKENS)
def test_neither_the_seed_alone_nor_the_token_alone_leads_to_it(one: bytes, two: bytes, a: str, b: str) -> None:
    if one != two:
        assert successors(one, a) != successors(two, a)
    if a != b:
        assert successors(one, a) != successors(one, b)


@given(st.text())
def test_whatever_is_sent_as_a_token_has_a_hash(text: str) -> None:
    assert len(digest(text)) == 64


def test_what_is_no_text_has_a_hash_too() -> None:
    assert len(digest("\udcff\ud800")) == 64


@pytest.mark.parametrize(("seconds", "may"), [(-5, True), (0, True), (20, True), (20.000001, False), (1000, False)])
def test_a_spent_token_is_answered_again_for_20_seconds(seconds: float, *, may: bool) -> None:
    assert may_repeat(NOON, NOON + timedelta(seconds=seconds)) is may


def test_a_pair_does_not_show_itself() -> None:
    assert repr(Pair("a-secret", "b-secret")) == "Pair()"
