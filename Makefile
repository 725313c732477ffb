# One-line targets over scripts/ and tools. `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
RUN := $(BIN)/python -m
READY := .venv/.ready
# Apart: what schemathesis brings along changes how our own tests validate.
JUDGES := .venv/conformance
STATUS := .venv/.drift-status

# make ends with 2 whatever status a recipe ends with. But asked with -q whether anything is left to do, it ends
# with 1 if there is; a line with + is run nevertheless. So drift alone ends with drift's own status.
ifneq ($(filter drift drift-live,$(MAKECMDGOALS)),)
ifeq ($(words $(MAKECMDGOALS)),1)
MAKEFLAGS += q
endif
endif
own_status = $(if $(filter 0,$(shell cat $(STATUS))),,$(if $(filter 1,$(shell cat $(STATUS))),@exit 1,$(error not compared)))

.PHONY: help demo sandbox conformance test test-fast check generate drift drift-live run-drift run-drift-live adopt bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	+@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "This needs Python 3.11 or newer. If it is not found by itself: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	+@echo 'Setting up .venv, which takes a while, but only once.' >&2
	+@'$(PYTHON)' -m venv .venv
	+@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	+@touch $@

demo: $(READY)  ## run the main job against the sandbox
	@$(RUN) scripts.demo

sandbox: $(READY)  ## run the sandbox with its admin API; ARGS="--quota 10/min --quirks page-2026"
	@$(RUN) vbc_call_recording_sandbox --port 8080 --admin $(ARGS)

conformance: $(READY)  ## let others judge contract and sandbox: schemathesis, and Prism where there is Node for it
	@test -x $(JUDGES)/bin/st || $(BIN)/python -m venv $(JUDGES)
	@$(JUDGES)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt schemathesis
	@$(RUN) scripts.conformance

# Images of containers set it. Then each process that a test starts would compile all it imports.
test test-fast: export PYTHONDONTWRITEBYTECODE =
test: $(READY)  ## run every test, in about two minutes
	@echo 'This takes about two minutes on two idle cores. make test-fast takes half a minute.' >&2
	@$(RUN) pytest -n 4 --dist worksteal

test-fast: $(READY)  ## run the tests that are not slow, in half a minute: for while you work
	@$(RUN) pytest -n 2 --dist worksteal -m 'not slow' --ignore tests/_sync

check: $(READY)  ## lint, types, the spec, and that both generated trees are fresh
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy
	@$(BIN)/pyright
	@$(RUN) scripts.generate --check
	@$(RUN) scripts.mirror --check

generate: $(READY)  ## write generated/ and the sync mirror
	@$(RUN) scripts.generate
	@$(RUN) scripts.mirror

drift: run-drift  ## compare the spec with generated/ and with UPSTREAM=<file or URL>; 0 same, 1 drift, 2 not compared
	$(own_status)

run-drift: $(READY)
	+@status=0; $(RUN) scripts.drift $(if $(filter undefined,$(origin UPSTREAM)),,--upstream '$(UPSTREAM)') || status=$$?; \
		echo $$status > $(STATUS)

drift-live: run-drift-live  ## compare the spec with the live API if VBC_* are set, else with the sandbox
	$(own_status)

run-drift-live: $(READY)
	+@status=0; $(RUN) scripts.drift --no-generated --live || status=$$?; echo $$status > $(STATUS)

adopt: $(READY)  ## write what is new in UPSTREAM=<file or URL> into openapi.yaml, and say what to do next
	@status=0; $(RUN) scripts.adopt $(if $(UPSTREAM),'$(UPSTREAM)') || status=$$?; \
		test $$status = 2 || $(RUN) scripts.mirror && exit $$status

bench: $(READY)  ## measure listings, parsing and downloads: see benchmarks/README.md
	@for program in benchmarks/bench_*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

clean:  ## remove what the other targets made
	@rm -rf .venv .new-* demo-output dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
