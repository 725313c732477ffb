# One-line targets over scripts/ and tools. `make help` lists them.
# The first of these that is new enough.
NAMES := python3.11 python3.12 python3.13 python3.14 python3.15 python3 python
IS_NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in $(NAMES); do $$name -c '$(IS_NEW)' >/dev/null 2>&1 && command -v $$name && break; done)
BIN := .venv/bin
RUN := $(BIN)/python -m
READY := .venv/.ready
# Apart: what schemathesis brings along changes how our own tests validate.
JUDGES := .venv/conformance
# Apart: the site's tools are no part of testing.
DOCS := .venv/docs
PEERS := .venv/bench
STATUS := .venv/.drift-status

# make ends with 2 whatever status a recipe ends with. But asked with -q whether anything is left to do, it ends
# with 1 if there is; a line with + is run nevertheless. So drift alone ends with drift's own status.
ifneq ($(filter drift drift-live,$(MAKECMDGOALS)),)
ifeq ($(words $(MAKECMDGOALS)),1)
MAKEFLAGS += q
endif
endif
own_status = $(if $(filter 0,$(shell cat $(STATUS))),,$(if $(filter 1,$(shell cat $(STATUS))),@exit 1,$(error not compared)))

.PHONY: help demo sandbox conformance test test-fast check docs release generate drift drift-live run-drift run-drift-live adopt
.PHONY: bench bench-quick clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	+@'$(PYTHON)' -c '$(IS_NEW)' 2>/dev/null || { echo "This needs Python 3.11 or newer. python3 is here:" \
		"$$(python3 --version 2>/dev/null || echo not installed)." \
		"If there is a newer one, name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	+@'$(PYTHON)' -c 'import ensurepip, venv' >/dev/null 2>&1 || { echo "$(PYTHON) cannot make environments: its" \
		"modules venv and ensurepip are missing. On Debian and Ubuntu: apt install python3-venv." \
		"Or name another Python: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	+@echo 'Setting up .venv, which takes a while, but only once.' >&2
	+@'$(PYTHON)' -m venv .venv
	+@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' || \
		{ echo "Setting up .venv failed: pip says why above. It needs the package index. make tries again." >&2; exit 1; }
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
test: $(READY)  ## run every test, in about three minutes
	@echo 'This takes about three minutes on two idle cores. make test-fast takes about one.' >&2
	@$(RUN) pytest -n 6 --dist worksteal

test-fast: $(READY)  ## run the tests that are not slow, in about a minute: for while you work
	@$(RUN) pytest -n 6 --dist worksteal -m 'not slow' --ignore tests/_sync

check: $(READY)  ## lint, types, the spec, and that both generated trees are fresh
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy
	@$(BIN)/pyright
	@$(RUN) scripts.generate --check
	@$(RUN) scripts.mirror --check

docs: $(DOCS)/.ready  ## build the documentation site, strictly, in build/site
	@$(DOCS)/bin/python -m scripts.site

$(DOCS)/.ready: $(READY)
	@$(BIN)/python -m venv $(DOCS)
	@$(DOCS)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable '.[archive,sandbox,docs]' pytest
	@touch $@

release: $(READY)  ## check that VERSION=x.y.z can be released, write it down and tag it; pushes nothing
	$(if $(VERSION),,$(error say which: make release VERSION=x.y.z))
	@$(RUN) scripts.release '$(VERSION)'

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

bench: $(PEERS)/.ready  ## measure ours against its peers, ten minutes; ARGS="--only listing"; writes benchmarks/RESULTS.md
	@PYTHONPATH=$(PEERS)/written $(PEERS)/bin/python -m benchmarks $(ARGS)

bench-quick: $(READY)  ## measure ours against plain httpx, in a minute
	@$(RUN) benchmarks --quick $(ARGS)

# What is compared lives apart from what is developed with. A peer that cannot be had is reported as absent.
$(PEERS)/.ready: $(READY)
	@test -x $(PEERS)/bin/python || $(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable '.[generate,sandbox,speed]' openapi-spec-validator
	@for peer in aiohttp openapi-generator-cli pydantic requests; do \
		$(PEERS)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt $$peer || true; done
	@$(PEERS)/bin/python -m benchmarks.peers $(PEERS)/written
	@touch $@

clean:  ## remove what the other targets made
	@rm -rf .venv .new-* demo-output dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
