"""Subscriptions: each is replayed what it missed from the database, then told each event once, in order."""

import logging
from collections.abc import Sequence
from typing import Protocol

import msgspec

from pomo_daemon.application.ports import Announcement

log = logging.getLogger(__name__)


class Subscriber(Protocol):
    """A connection that follows events."""

    def send(self, line: bytes) -> None:
        """Write a line; drops the connection if it is too slow."""
        ...

    def close(self) -> None:
        """Let the client go."""
        ...


class Listener(Protocol):
    """Who wants to be told of one user's events; `login_id` is that of a token."""

    user_id: int
    login_id: int | None

    def offer(self, announcement: Announcement, line: bytes) -> None:
        """Take an event, and the line that tells of it."""
        ...

    def look(self) -> None:
        """See what the time has done: the clock was set, or the machine woke up."""
        ...

    def end(self) -> None:
        """Let the client go."""
        ...

    def stop(self) -> None:
        """Do nothing more: the client is gone."""
        ...


class Subscription:
    """One follower of one user's events. Until it has caught up, what is new is kept back."""

    def __init__(self, subscriber: Subscriber, user_id: int, seq: int, login_id: int | None = None) -> None:
        self.user_id = user_id
        self.login_id = login_id
        self._subscriber = subscriber
        self._seq = seq
        self._kept: list[Announcement] | None = []

    def offer(self, announcement: Announcement, line: bytes) -> None:
        """Pass an event on if it is new to the follower."""
        if self._kept is not None:
            self._kept.append(announcement)
        elif announcement.seq > self._seq:
            self._seq = announcement.seq
            self._subscriber.send(line)

    def look(self) -> None:
        """Events alone are followed here."""

    def stop(self) -> None:
        """Nothing is under way."""

    def end(self) -> None:
        """Tell nothing more."""
        self._subscriber.close()

    def caught_up(self, replayed: Sequence[Announcement]) -> None:
        """Pass on what was replayed from the database, then what came in the meantime."""
        kept, self._kept = self._kept or [], None
        for announcement in (*replayed, *kept):
            self.offer(announcement, encode(announcement))


class Hub:
    """All subscriptions of this daemon."""

    def __init__(self) -> None:
        self._subscriptions: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def add(self, subscription: Listener) -> None:
        """Begin to tell."""
        self._subscriptions.add(subscription)

    def remove(self, subscription: Listener) -> None:
        """Stop to tell."""
        self._subscriptions.discard(subscription)
        subscription.stop()

    def look(self) -> None:
        """Let everyone see what the time has done."""
        for subscription in tuple(self._subscriptions):
            subscription.look()

    def cut(self, user_id: int) -> None:
        """Let those go who follow one user's events: these have other numbers now."""
        for subscription in tuple(self._subscriptions):
            if subscription.user_id == user_id:
                subscription.end()

    def revoked(self, login_id: int) -> None:
        """Cut off those who follow by a login that has ended."""
        for subscription in tuple(self._subscriptions):
            if subscription.login_id == login_id:
                subscription.end()

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Tell everyone whom events concern; each is encoded once."""
        for announcement in announcements:
            line = encode(announcement)
            for subscription in tuple(self._subscriptions):
                if subscription.user_id == announcement.user_id:
                    subscription.offer(announcement, line)


def encode(announcement: Announcement) -> bytes:
    """Write an event as a line of the stream."""
    params = {
        "seq": announcement.seq,
        "type": announcement.type,
        "at": announcement.at,
        "data": announcement.data,
    }
    return msgspec.json.encode({"jsonrpc": "2.0", "method": "event", "params": params}) + b"\n"
