# One-line targets over scripts/ and tools. `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
RUN := $(BIN)/python -m
READY := .venv/.ready
# Apart: what schemathesis brings along changes how our own tests validate.
JUDGES := .venv/conformance

.PHONY: help demo sandbox conformance test check generate drift drift-live adopt bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "This needs Python 3.11 or newer. If it is not found by itself: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo 'Setting up .venv, which takes a while, but only once.' >&2
	@'$(PYTHON)' -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)  ## run the main job against the sandbox
	@$(RUN) scripts.demo

sandbox: $(READY)  ## run the sandbox with its admin API; ARGS="--quota 10/min --quirks page-2026"
	@$(RUN) vbc_call_recording_sandbox --port 8080 --admin $(ARGS)

conformance: $(READY)  ## let others judge contract and sandbox: schemathesis, and Prism where there is Node for it
	@test -x $(JUDGES)/bin/st || $(BIN)/python -m venv $(JUDGES)
	@$(JUDGES)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt schemathesis
	@$(RUN) scripts.conformance

test: $(READY)  ## run every test
	@$(RUN) pytest -n 2

check: $(READY)  ## lint, types, the spec, and that both generated trees are fresh
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy
	@$(BIN)/pyright
	@$(BIN)/openapi-spec-validator openapi.yaml
	@$(RUN) scripts.generate --check
	@$(RUN) scripts.mirror --check

generate: $(READY)  ## write generated/ and the sync mirror
	@$(RUN) scripts.generate
	@$(RUN) scripts.mirror

drift: $(READY)  ## compare the spec with generated/ and with UPSTREAM=<file or URL>
	@$(RUN) scripts.drift $(if $(filter undefined,$(origin UPSTREAM)),,--upstream '$(UPSTREAM)')

drift-live: $(READY)  ## compare the spec with the live API if VBC_* are set, else with the sandbox
	@$(RUN) scripts.drift --no-generated --live

adopt: $(READY)  ## write the additive changes of UPSTREAM=<file or URL> into openapi.yaml (BREAKING=1: all)
	@status=0; $(RUN) scripts.adopt $(if $(BREAKING),--breaking) $(if $(UPSTREAM),'$(UPSTREAM)') || status=$$?; \
		test $$status = 2 || $(RUN) scripts.mirror && exit $$status

bench: $(READY)  ## measure listings, parsing and downloads: see benchmarks/README.md
	@for program in benchmarks/bench_*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

clean:  ## remove what the other targets made
	@rm -rf .venv .new-* demo-output dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
