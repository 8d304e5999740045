"""Accounts and logins, for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from pomo_cli.render.glyphs import cells, pad
from pomo_daemon.protocol.text import clean


def moment(iso: str, zone: tzinfo) -> str:
    """Write an instant of the wire in the user's zone; what is none is left as it is."""
    try:
        return f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return clean(iso)


def whoami(me: Mapping[str, Any], until: str | None, zone: tzinfo) -> str:
    """Write who one is, and how that is known."""
    email = f" <{clean(str(me['email']))}>" if me["email"] else ""
    if me["by"] == "peer":
        known = "by the operating system"
    else:
        known = f"by login {me['login_id']}" + (f", until {moment(until, zone)}" if until else "")
    return f"{clean(str(me['username']))}{email}\nKnown {known}; profile {clean(str(me['profile']))}."


def logins(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> str:
    """Write a line for each login; a star marks that of this device."""
    devices = [clean(str(it["device"])) for it in found]
    widest = max(map(cells, devices), default=0)
    digits = max((len(str(it["login_id"])) for it in found), default=0)
    return "\n".join(
        f"{'*' if it['current'] else ' '} {str(it['login_id']).rjust(digits)}  {pad(device, widest)}"
        f"  last used {moment(it['last_used_at'], zone)}, until {moment(it['expires_at'], zone)}"
        for it, device in zip(found, devices, strict=True)
    )
