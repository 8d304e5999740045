"""Libraries of which parts are left out: the daemon does without them, and whoever wants them has them."""

import subprocess
import sys


def answer(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_a_daemon_loads_no_pools_of_processes_and_no_orm() -> None:
    code = "import sys, pomo_daemon.realms; print('multiprocessing' in sys.modules, 'sqlalchemy.orm' in sys.modules)"
    assert answer(code) == "False False"


def test_a_daemon_does_not_look_for_plugins_of_its_libraries() -> None:
    code = "import sys, pomo_daemon.realms; print('importlib.metadata' in sys.modules, 'email' in sys.modules)"
    assert answer(code) == "False False"


def test_whoever_asks_for_what_is_installed_is_answered_after_all() -> None:
    code = "import pomo_daemon.realms, importlib.metadata as it; print(it.version('sqlalchemy')[:2])"
    assert answer(code) == "2."


def test_whoever_wants_the_pools_has_them_after_all() -> None:
    code = (
        "import pomo_daemon.adapters.alarm\n"
        "from apscheduler.executors.pool import ProcessPoolExecutor\n"
        "print(ProcessPoolExecutor.__module__)"
    )
    assert answer(code) == "apscheduler.executors.pool"
