"""The servers for a team: compose.yaml starts nothing without passwords, and keeps what must be kept."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FILE = Path(__file__).parents[2] / "compose.yaml"
SECRETS = {"POMO_POSTGRES_PASSWORD": "postgres's", "POMO_REDIS_PASSWORD": "redis's"}


def config(**env: str) -> "subprocess.CompletedProcess[str]":
    """Have Docker say what it makes of the file."""
    return subprocess.run(
        ["docker", "compose", "--file", str(FILE), "config", "--format", "json"],
        env={"PATH": os.environ["PATH"], **env},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def has_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def services() -> Any:
    return yaml.safe_load(FILE.read_text())["services"]


@pytest.mark.skipif(not has_compose(), reason="there is no 'docker compose' here")
def test_docker_takes_it_with_passwords_and_refuses_it_without_any_of_them() -> None:
    done = config(**SECRETS)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)["services"]) == {"postgres", "redis"}
    for name in SECRETS:
        without = config(**{key: it for key, it in SECRETS.items() if key != name})
        assert without.returncode != 0
        assert name in without.stderr
        assert config(**{**SECRETS, name: ""}).returncode != 0


def test_no_password_stands_in_it_or_has_a_default() -> None:
    # `:?` refuses what is unset and what is empty; `-` would put something else there.
    used = re.findall(r"\$\{(\w*PASSWORD)([^}]*)\}", FILE.read_text())
    assert sorted(name for name, _ in used) == sorted(SECRETS)
    assert all(rest.startswith(":?") for _, rest in used)


def test_the_passwords_arrive_where_the_servers_look_for_them_and_in_no_command_line(services: Any) -> None:
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POMO_POSTGRES_PASSWORD:?")
    assert services["redis"]["environment"]["REDISCLI_AUTH"].startswith("${POMO_REDIS_PASSWORD:?")
    for service in services.values():
        commands = f"{service['command']} {service['healthcheck']['test']}"
        assert "${POMO_" not in commands
        # Two dollars are one for the shell in the container, which Compose leaves alone.
        assert not re.search(r"(?<!\$)\$(?!\$)", commands.replace("$$", ""))


def test_the_database_is_kept_watched_and_reachable_from_this_machine_alone(services: Any) -> None:
    document = yaml.safe_load(FILE.read_text())
    for name, service in services.items():
        assert service["image"].partition(":")[2] not in ("", "latest")
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        [port] = service["ports"]
        assert port.startswith("${POMO_LISTEN:-127.0.0.1}:")
        [volume] = service["volumes"]
        assert volume.partition(":")[0] == name
        assert name in document["volumes"]
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
