# One virtual environment, .venv, and two stamps in it: what `start` needs, and what `test` needs besides.
# uv makes it, where there is one and it works; else Python and pip. PYTHON=/path/to/python chooses the interpreter.

UV := $(shell command -v uv)
try_uv = $(if $(UV),uv $(1) ||)
install = $(call try_uv,pip install --quiet --compile-bytecode --python .venv/bin/python $(1)) \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check $(1)

# Debian takes ensurepip out of Python: there a pip from outside puts one in.
# An old pip would write a slow `pomo` script, one that imports `re` at every prompt: hence the upgrade.
define venv_with_pip
{ \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	test "$$python" || { echo 'pomo needs Python 3.11 or newer: install one, or name it with PYTHON=' >&2; exit 1; }; \
	"$$python" -m venv .venv >/dev/null 2>&1 \
		|| { "$$python" -m venv --without-pip .venv && "$$python" -m pip --python .venv/bin/python install --quiet pip; } \
		|| { echo "$$python makes no complete .venv: install python3-venv (Debian, Ubuntu) or uv" >&2; exit 1; }; \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip; \
}
endef

.DELETE_ON_ERROR:
.PHONY: help start test check docs bench reliability reliability-long clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

start: .venv/start.stamp ## install into .venv, and start a first pomodoro
	@# 4: one is running already, and goes on.
	@.venv/bin/pomo start "My first pomodoro" || test $$? -eq 4
	@.venv/bin/pomo status
	@echo
	@echo 'What next (pomo is .venv/bin/pomo):'
	@echo '  pomo status              how much is left'
	@echo '  pomo pause, pomo resume  somebody is at the door'
	@echo '  pomo log                 what was done'
	@echo '  pomo daemon stop         end the process in the background; nothing is lost'
	@echo 'To call it everywhere: uv tool install .   or: pipx install .   or: PATH="$(CURDIR)/.venv/bin:$$PATH"'

test: check ## check, then run every test
	.venv/bin/pytest -n auto

check: .venv/test.stamp ## lint, format, types, layers
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	PYTHONPATH=. .venv/bin/python docs/generate.py --check

docs: .venv/test.stamp ## write the pages that the code knows
	PYTHONPATH=. .venv/bin/python docs/generate.py

reliability: .venv/test.stamp ## kill, cut and crash, count what is left, and write it down
	@# Without compiled modules each of thousands of processes would compile them.
	unset PYTHONDONTWRITEBYTECODE; PYTHONPATH=. .venv/bin/python -m tests.reliability --write
	PYTHONPATH=. .venv/bin/python docs/generate.py

reliability-long: .venv/test.stamp ## the same for a night
	@# A wheel of atheris is not to be had for every machine and every Python.
	@$(call install,'.[fuzz]') && PYTHONPATH=. .venv/bin/python -m tests.reliability.guided --seconds 1200
	unset PYTHONDONTWRITEBYTECODE; PYTHONPATH=. .venv/bin/python -m tests.reliability --scale long --write
	PYTHONPATH=. .venv/bin/python docs/generate.py

bench: .venv/test.stamp ## measure
	@# Without compiled modules a start would measure the compiler.
	@set -e; unset PYTHONDONTWRITEBYTECODE; for script in tests/bench/*.py; do \
		echo "# $$script"; PYTHONPATH=. .venv/bin/python "$$script"; \
	done

clean: ## remove .venv, caches and builds
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	@echo 'Making .venv ...'
	@rm -rf .venv
	@$(call try_uv,venv --quiet --seed $(if $(PYTHON),--python $(PYTHON)) .venv) $(venv_with_pip)

.venv/start.stamp: pyproject.toml | .venv/pyvenv.cfg
	@echo 'Installing pomo into .venv ...'
	@$(call install,--editable .)
	@touch $@

.venv/test.stamp: pyproject.toml | .venv/pyvenv.cfg
	@echo 'Installing pomo and what its tests need into .venv ...'
	@$(call install,--editable '.[test]')
	@touch $@ .venv/start.stamp
