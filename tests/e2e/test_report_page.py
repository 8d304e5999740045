"""The page of a report, opened in a real browser without a network and without scripts."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.user import User

#: The first bytes of a PNG, behind which its width and height stand.
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def browse(user: User, *options: str) -> str:
    """Run a browser once, without a window; answer what it prints."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("chromium is not installed")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *options]
    env = {**user.env, "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=env, capture_output=True, check=True, timeout=90)
    return done.stdout.decode()


@pytest.fixture
def page(user: User) -> str:
    """Give the page of a week with a goal and a hostile name."""
    user.write_config("[timer]\ngoal = 2\n")
    for day, times in (("2026-03-02", ("09:00", "10:00", "11:00")), ("2026-03-04", ("09:00",))):
        for at in times:
            user.pomo(
                *("log", "add", "--start", f"{day} {at}", "--duration", "25m"),
                *("--task", "<script>document.title='run'</script><b>Write"),
            )
    file = f"{user.env['HOME']}/week.html"
    user.pomo("report", "week", "--from", "2026-03-02", "--html", file)
    return file


def test_a_browser_shows_it_and_runs_nothing(user: User, page: str) -> None:
    shown = browse(user, "--dump-dom", f"file://{page}")
    assert "<title>Pomodoros, Mon 2026-03-02 " in shown
    assert len(re.findall("<rect ", shown)) == 7
    assert "<script" not in shown
    assert "&lt;b&gt;Write" in shown


def test_it_is_drawn_in_light_and_in_dark(user: User, page: str) -> None:
    pictures = []
    for place, scheme in enumerate(
        ("--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0")
    ):
        picture = Path(user.env["HOME"], f"{place}.png")
        browse(user, scheme, f"--screenshot={picture}", "--window-size=900,700", f"file://{page}")
        pictures.append(picture.read_bytes())
        assert pictures[-1].startswith(PNG)
        assert int.from_bytes(pictures[-1][16:20]) == 900
    assert pictures[0] != pictures[1]
