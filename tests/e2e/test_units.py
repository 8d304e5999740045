"""The systemd units: what systemd itself says of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
ANALYZE = shutil.which("systemd-analyze") or ""


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("folder", ["system"])
def test_the_units_are_right(folder: str, tmp_path: Path) -> None:
    units = []
    for source in (UNITS / folder).iterdir():
        # Only what differs by machine is changed: where the program is, and which users there are.
        text = re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", source.read_text())
        units.append(tmp_path / source.name)
        units[-1].write_text(re.sub(r"(User|Group)=pomo", r"\1=root", text))
    done = subprocess.run([ANALYZE, "verify", *units], capture_output=True, text=True, check=False)
    # It ends well even when it complains.
    assert (done.returncode, done.stderr) == (0, "")
