# `make run` serves Phlov, `make test` tries it. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NEEDS := needs Python 3.11 or newer with venv and pip. On Debian: apt install python3-venv. Another Python: make setup PYTHON=python3.12
.DEFAULT_GOAL := help
.PHONY: help setup run example test lint words check bench attack pictures understanding

help: ## list what can be done
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 15
setup: .venv/.ready ## build .venv from the pinned packages (the other targets do it when needed)
run: .venv/.ready ## serve; then text it from another window: .venv/bin/phlov chat
	@exec $(BIN)/phlov run
example: .venv/.ready ## a broadcast to made-up people of three provinces, from the list to the report
	@$(BIN)/phlov example three-provinces
test: .venv/.ready-dev ## run every test (three at once: half of what they do is wait)
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
lint: .venv/.ready-dev ## style, types, floors, and translations and classifier up to date
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python -m bot.content.words --check && $(BIN)/python -m training --check
words: .venv/.ready-dev ## refresh the catalogs in locale/ from messages/, and learn from messages/examples/
	@$(BIN)/python -m bot.content.words; done=$$?; $(BIN)/python -m training && exit $$done
check: .venv/.ready ## is everything Phlov says sound?
	@$(BIN)/phlov check
bench: .venv/.ready-dev ## measure; writes docs/evidence/
	@$(BIN)/python -m benchmarks
attack: .venv/.ready-dev ## let wapiti look for holes in the console for a minute
	@test -x .venv/attack/bin/wapiti || { $(PYTHON) -m venv .venv/attack && .venv/attack/bin/python -m pip install --quiet --disable-pip-version-check wapiti3==3.2.3; }
	@PATH=$(CURDIR)/.venv/attack/bin:$$PATH PYTHONPATH=tests:tests/console $(BIN)/python -m attack
pictures: .venv/.ready-dev ## make the pictures of the guide for staff anew, of the pages as they are
	@PHLOV_PICTURES=1 $(BIN)/python -m pytest -q tests/browser -k 360
understanding: .venv/.ready-dev ## how well are the example texts understood?
	@$(BIN)/python -m training.measure
	@for set in tests/questions-dev.tsv tests/understanding/unseen-1.tsv tests/understanding/unseen-2.tsv; do echo "$$set"; $(BIN)/python -m tests.understanding.measure $$set; done

.venv/.ready: requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo 'Phlov $(NEEDS)' >&2; exit 1; }
	@echo 'Setting up .venv (once, a minute or two) ...'
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements-build.lock -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@$(BIN)/python -m compileall -q -j 0 bot .venv/lib || true
	@touch $@
.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@echo 'Adding what tests need ...'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
