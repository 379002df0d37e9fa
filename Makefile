# Works with GNU make 3.81 and the tools of a plain macOS or Linux. `make help` lists what there is.

SHELL = /bin/sh
.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
# One recipe at a time, whatever -j says: they share .venv and .build.
.NOTPARALLEL:
.PHONY: help run serve deploy undeploy test fuzz soak second-opinion mutate report-check explore bench bench-large audit smoke format sam pictures lock clean

PY = .venv/bin/python
PIP = -m pip --disable-pip-version-check -q -q
# The files are complete, and without --no-deps pip 23 stumbles over extras (boto3[crt]).
# What is imported compiles itself; compiling every package at once would take as long as installing it.
LOCKED = --no-deps --no-compile --require-hashes -r
# make lock UPGRADE= keeps the versions that are pinned.
UPGRADE = --upgrade
PYTHONS = python3.14 python3.13 python3.12 python3.11 python3 python

# Templates and mails hold Japanese text, whatever the user's locale can show.
export PYTHONUTF8 = 1
# Compiled once, or each start of a program would compile moto and botocore again (seconds).
export PYTHONDONTWRITEBYTECODE =
export HYPOTHESIS_STORAGE_DIRECTORY = .build/hypothesis

help:
	@echo 'Usage: make TARGET'
	@sed -n -e 's/^##@ /@|/p' -e 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' Makefile | \
	    awk -F'|' '$$1 == "@" { printf "\n%s:\n", $$2; next } { printf "  %-14s %s\n", $$1, $$2 }'
	@echo
	@echo 'Settings of make run and make serve, as in make run FILE=path/to/my.csv:'
	@echo '  MAIL_LANGUAGE=en  mails in English, or ja (without it: the language of LANG)'
	@echo '  SPEED=10          time runs 10 times faster than real time (0.1 to 10000)'
	@echo 'of make run only:'
	@echo '  FILE=my.csv       drop your own file'
	@echo '  SHOW=failure      show the mails about a failing refresh, in both languages'
	@echo '  SHOW=path         show the states that each run passed, too'
	@echo '  SHOW=no-rows      show the mail of one situation of docs/mails.md:'
	@echo '                    success five no-rows rows-skipped all-skipped one-failed forty-failed source-error'
	@echo '                    unreadable-file not-registered lookalike unicode-form hidden-id wrong-registration'
	@echo '                    wrong-setting marker limit-exceeded still-running stopped handover-failed rows-dropped not-started'
	@echo '                    too-few-rows tried-again circle unknown-parent plain-mail old-version-expired stale'
	@echo 'of make serve only:'
	@echo '  EMPTY=1           deploy nothing: a bucket and datasets, to try make deploy in'
	@echo '  PORT=5577         listen on this port (0: a free one)'
	@echo 'of make deploy:'
	@echo '  PROJECT BUCKET FOLDER EMAIL, as the documents call them; later on PROJECT is enough'
	@echo '  MAIL_LANGUAGE=en  mails in English (without it: ja, or as before)'
	@echo '  SET="SettleSeconds=60 StaleAfterHours=24"  other parameters (docs/parameters.md)'
	@echo 'of make deploy and make undeploy:'
	@echo '  REGION=us-east-1  another Region than that of the AWS CLI'
	@echo '  DRY_RUN=1         show everything, change nothing'
	@echo '  YES=1             do not ask'

##@ Use it

# Both programs are make's own children, without a shell between: it passes SIGTERM on and waits for them.
run: .venv/.ready-run ## Run the whole application on this machine: drop files, get the mails
	@$(PY) -m local.programs.run

serve: .venv/.ready-qsrefresh ## Keep the local AWS account up, for the AWS CLI and qsrefresh
	@$(PY) -m local.programs.serve

deploy: .venv/.ready-qsrefresh ## Deploy a project to AWS, or update it; then say what is still missing
	@test -n "$$PROJECT" || { \
	    echo 'Which project? make deploy PROJECT=sampleproject BUCKET=my-bucket FOLDER=dashboard/data/ EMAIL=me@example.com' >&2; \
	    exit 1; }
	@$(PY) ops/deploy.py

undeploy: .venv/.ready-qsrefresh ## Take a project's stacks away; the registrations stay
	@test -n "$$PROJECT" || { echo 'Which project? make undeploy PROJECT=sampleproject' >&2; exit 1; }
	@$(PY) ops/undeploy.py

smoke: .venv/.ready-run ## Try a deployed project on AWS: drop a file, wait for its mail, clean up
	@test -n "$$PROJECT" || { echo 'Which project? make smoke PROJECT=sampleproject' >&2; exit 1; }
	@$(PY) ops/smoke.py --minutes "$${MINUTES:-15}" $${DATASET:+--dataset "$$DATASET"} $${DROP:+--drop} "$$PROJECT"

##@ Change it

test: .venv/.ready-test ## Check everything: format, lint, types, templates, tests
	@mkdir -p .build
	@echo '== format and lint (ruff)'
	@$(PY) -m ruff format --check . || { echo 'Way out: make format' >&2; exit 1; }
	@$(PY) -m ruff check .
	@echo '== types (mypy)'
	@$(PY) -m mypy
	@for folder in functions/*/; do \
	    folder=$${folder%/}; \
	    MYPYPATH=$$folder $(PY) -m mypy --cache-dir .build/mypy/$${folder##*/} $$folder || exit 1; \
	done
	@echo '== templates and tests (pytest, cfn-lint)'
	@$(PY) -m pytest -q -n auto --dist loadfile --no-loadscope-reorder
	@echo 'make test: everything passed.'

format: .venv/.ready-test ## Format the code and the state machines, and repair what ruff can repair
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) statemachine/format.py

# sam build is content with a missing definition, and leaves the others where they are: look for them.
sam: .venv-sam/.ready ## Validate and build with the AWS SAM CLI, as for a deployment
	@PATH="$(CURDIR)/.venv-sam/bin:$$PATH"; export PATH; \
	AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1}; export AWS_DEFAULT_REGION; \
	SAM_CLI_TELEMETRY=0; export SAM_CLI_TELEMETRY; \
	python3.13 -c '' 2>/dev/null || { \
	    echo 'sam build needs python3.13 on the PATH: it is the runtime of the functions.' >&2; \
	    echo 'Way out: install Python 3.13; or, with Docker, sam build --use-container.' >&2; \
	    exit 1; }; \
	python -m samcli validate --lint && python -m samcli build || exit 1; \
	sed -n 's/^  \([A-Za-z][A-Za-z]*Function\):$$/\1\/app.py/p' template.yaml > .aws-sam/expected; \
	sed -n 's/^ *DefinitionUri: *//p' .aws-sam/build/template.yaml >> .aws-sam/expected; \
	while read -r file; do \
	    test -s ".aws-sam/build/$$file" || { echo "The build lacks $$file." >&2; exit 1; }; \
	    echo "built: $$file"; \
	done < .aws-sam/expected

audit: .venv/.ready-run .venv-audit/.ready ## Look for weaknesses in the templates (checkov, cfn-lint, parliament)
	@$(PY) -m proofs.audit .venv-audit/bin

pictures: .venv/.ready-run ## Draw the pictures of mails, a report, make run and the states anew (docs/pictures/)
	@$(PY) -m proofs.pictures

# Each file holds only what the earlier ones lack: it is installed after them.
lock: .venv-lock/.ready ## Pin the newest dependencies that requirements/*.in allow
	@for name in run dev bench mutate sam audit; do \
	    earlier=; case $$name in \
	    dev|bench) earlier=run.txt;; \
	    mutate) earlier='run.txt dev.txt';; \
	    esac; \
	    without=; for file in $$earlier; do \
	        without="$$without $$(sed -n 's/^\([A-Za-z0-9._-]*\)[=[].*/--no-emit-package \1/p' requirements/$$file)"; \
	    done; \
	    .venv-lock/bin/python -m uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
	        --generate-hashes --no-emit-index-url --no-emit-find-links \
	        --custom-compile-command 'make lock' $$without requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

clean: ## Remove everything the other targets made
	@rm -rf .venv .venv-sam .venv-audit .venv-lock .build .local .aws-sam
	@find . -name '.?*' -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

##@ Try harder than a test may take

explore: .venv/.ready-test ## Interleave runs in N schedules (default 200); then the large bursts
	@$(PY) -m proofs.explorer --schedules $${N:-200}
	@$(PY) -m proofs.figures
	@$(PY) -m proofs.floods
	@$(PY) -m pytest -q -n 2 -m explore tests

fuzz: .venv/.ready-test ## Try some 24,000 odd names, events, registrations and answers
	@FUZZ_FACTOR=$${N:-20} $(PY) -m pytest -q -n auto -m hypothesis

soak: .venv/.ready-test ## Send two weeks of traffic and trouble through (simulated); writes docs/dev/evidence.md
	@$(PY) -m proofs.soak

second-opinion: .venv/.ready-test ## Ask the reference JSONata and two validators (needs Node.js and the network)
	@$(PY) -m proofs.second_opinion

mutate: .venv/.ready-mutate ## Break functions and definitions in one place after the other (forty minutes)
	@$(PY) -m proofs.mutate_functions
	@$(PY) -m proofs.mutate_definitions

bench: .venv/.ready-bench ## Measure what a refresh costs (simulated); writes docs/performance.md
	@$(PY) -m bench

bench-large: .venv/.ready-bench ## Refresh 300 datasets of 12 hours (simulated), for their histories
	@$(PY) -m bench --large

report-check: .venv/.ready-test ## Open a report in headless Chromium, as on a phone (needs Chromium)
	@$(PY) -m proofs.report_in_browser

# ---- Set-up: each environment is made once, and again filled when its requirements change ---------------

# $(call make_venv,FOLDER,PYTHONS) makes the environment with the first of PYTHONS that will do.
define make_venv
@for python in $(2) none; do \
    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && break; \
done; \
if [ $$python = none ]; then \
    echo 'No Python 3.11, 3.12, 3.13 or 3.14 found on the PATH (looked for: $(2)).' >&2; \
    echo 'Way out: install one (python.org, Homebrew, apt, pyenv ...) and run make again.' >&2; \
    exit 1; \
fi; \
echo "Setting up $(1) with `$$python --version 2>&1`; once, this takes a minute and needs the network."; \
rm -rf $(1); \
$$python -m venv $(1) || { \
    rm -rf $(1); \
    echo "$$python cannot make a virtual environment." >&2; \
    echo 'Way out: install its venv module (Debian and Ubuntu: apt install python3-venv), then make again.' >&2; \
    exit 1; }
endef

# $(call install,FOLDER,WHAT) installs into it and leaves the target as a stamp.
define install
@$(1)/bin/python $(PIP) install $(2) || { \
    echo 'Could not install $(lastword $(2)) (see above).' >&2; \
    echo 'Way out: check the network, or the package index that pip is configured with, and run make again.' >&2; \
    exit 1; }
@touch $@
endef

.venv/.made:
	$(call make_venv,.venv,$(PYTHONS))
	@touch $@

.venv/.ready-run: .venv/.made requirements/run.txt
	$(call install,.venv,$(LOCKED) requirements/run.txt)

# Editable, so only a change of its metadata installs it again. What it needs is there already.
.venv/.ready-qsrefresh: .venv/.ready-run pyproject.toml
	$(call install,.venv,--no-index --no-deps --no-build-isolation --editable .)

.venv/.ready-test: .venv/.ready-qsrefresh requirements/dev.txt
	$(call install,.venv,$(LOCKED) requirements/dev.txt)

.venv/.ready-bench: .venv/.ready-qsrefresh requirements/bench.txt
	$(call install,.venv,$(LOCKED) requirements/bench.txt)

.venv/.ready-mutate: .venv/.ready-test requirements/mutate.txt
	$(call install,.venv,$(LOCKED) requirements/mutate.txt)

.venv-sam/.made:
	$(call make_venv,.venv-sam,python3.13 $(PYTHONS))
	@touch $@

.venv-sam/.ready: .venv-sam/.made requirements/sam.txt
	$(call install,.venv-sam,$(LOCKED) requirements/sam.txt)

.venv-audit/.made:
	$(call make_venv,.venv-audit,python3.13 python3.12 $(PYTHONS))
	@touch $@

.venv-audit/.ready: .venv-audit/.made requirements/audit.txt
	$(call install,.venv-audit,$(LOCKED) requirements/audit.txt)

.venv-lock/.ready:
	$(call make_venv,.venv-lock,$(PYTHONS))
	$(call install,.venv-lock,uv==0.13.9)
