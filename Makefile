# Every command sets the project up first; that takes a second when nothing changed.
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Where this is set in the environment every process of ours, each of Ray's among them, compiles torch anew.
unexport PYTHONDONTWRITEBYTECODE
# $(call option,NAME,flag): --flag "value" when NAME was given to make itself; the shell's HOST is not meant.
option = $(if $(filter command,$(origin $(1))),--$(2) "$($(1))")

.PHONY: help setup demo serve test lint screenshots lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup:  ## .venv, dependencies, weights
	@sh scripts/setup.sh

demo: setup  ## a recorded candidate over real WebRTC, shown in the terminal [MEDIA=clip.mp4] [SPOKEN=zh]
	@$(PY) -m bench demo $(call option,MEDIA,media) $(call option,SPOKEN,language)

serve: setup  ## the server with both pages [TLS=self-signed] [HOST=127.0.0.1] [PORT=8080]
	@$(PY) -m gateway.cli serve $(call option,TLS,tls) $(call option,HOST,host) $(call option,PORT,port)

test: setup lint  ## lint, then every test [ARGS="-k words"]
	@$(PY) -m pytest -q $(ARGS)

lint: setup  ## ruff, mypy, who may import whom
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --quiet --check .
	@$(PY) -m mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

screenshots: setup  ## every page and step, phone and desktop, Chinese and English, into screenshots/
	@$(PY) -m bench screenshots

lock: setup  ## requirements.lock from pyproject.toml [ARGS=--upgrade]
	@$(PY) scripts/lock.py $(ARGS)

clean:  ## removes .venv and caches; weights and data stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache viva.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
