# Everything there is to do with crowdship, one line each: `make` lists it.
PYTHON := .venv/bin/python

# Node 20 is what many machines have, and jsii works with it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.DEFAULT_GOAL := help
.PHONY: help setup up down status logs demo test scenarios scenario fuzz synth deploy pages web e2e lint format typecheck credentials region journal redrive replay openapi bench settle lives eta lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  \033[36m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install everything under this folder (a second run takes no time)
	@python3 local/setup.py

up: setup  ## start the whole platform on this machine [PORT=4566 SPEED=1]
	@$(PYTHON) -m local.stack up $(if $(SPEED),--clock-speed $(SPEED))

down:  ## stop it
	@python3 -m local.stack down

status:  ## is it running, and where
	@python3 -m local.stack status

logs:  ## follow the logs of all functions [FUNCTION=part-of-a-name]
	@$(PYTHON) -m local.stack logs $(FUNCTION)

demo: setup  ## a city at work: two hours of orders in five minutes [ORDERS=120|FOLDER|FILE.csv SPEED=]
	@$(PYTHON) -m local.demo

test: setup  ## all tests, also those against the running platform [WITH=pages for those in a browser too]
	@$(PYTHON) -m pytest -n 2 --dist loadgroup --ignore tests/deployed
	@$(PYTHON) -m $(if $(WITH),local.tools.side_by_side,pytest tests/deployed)

scenarios: setup  ## list the scenarios
	@$(PYTHON) -m local.scenarios list

scenario: setup  ## play one [NAME=first-delivery], or all [NAME=all]
	@$(PYTHON) -m local.scenarios run $(NAME)

fuzz: setup  ## thousands of made-up requests to the running platform [EXAMPLES=50 SECONDS=120]
	@$(PYTHON) -m local.tools.fuzz $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SECONDS),--seconds $(SECONDS))

credentials:  ## somebody to be on the running platform, as shell variables
	@$(PYTHON) -m local.tools.credentials

code:  ## the six digits that staff on this machine sign in with on the pages
	@$(PYTHON) -m local.tools.code

journal:  ## export the running platform's journal; Beancount and hledger balance it [FIRST=day LAST=day]
	@$(PYTHON) -m local.tools.journal $(if $(FIRST),--first $(FIRST)) $(if $(LAST),--last $(LAST))

redrive:  ## send the dead messages of a queue back to it [QUEUE=webhooks]
	@$(PYTHON) -m local.tools.redrive $(QUEUE)

replay:  ## put events back on the bus that it did not take
	@$(PYTHON) -m local.tools.replay

pages: setup  ## build the pages of web/ into build/web
	@$(PYTHON) -m local.pages

web: pages  ## check the pages: style, types, unit tests, weight
	@cd web && npm run --silent lint && npm run --silent check && npm run --silent test && npm run --silent budget

e2e: setup  ## the pages in a browser, on the running platform [needs chromium]
	@$(PYTHON) -m local.e2e $(ARGS)

region: setup  ## make a street map of a region for the planner [PBF=file.osm.pbf NAME= BUCKET=]
	@$(PYTHON) -m local.tools.maps "$(PBF)" $(if $(NAME),--name $(NAME)) $(if $(BUCKET),--bucket $(BUCKET))

synth: setup  ## write the templates of a stage for AWS into build/synth, and check them [STAGE=sandbox|prod]
	@$(PYTHON) -m local.tools.synth "$(STAGE)"

deploy: setup  ## deploy to the AWS account of your credentials: shows the changes first [STAGE=sandbox|prod CONFIRM=prod]
	@$(PYTHON) -m local.tools.release "$(STAGE)" "$(CONFIRM)"

lint: setup  ## check style
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

format: setup  ## repair style
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

typecheck: setup  ## check types
	@.venv/bin/mypy

openapi: setup  ## write docs/openapi.json from the code
	@$(PYTHON) -m local.tools.openapi

settle: setup  ## settle and pay an evening of many drivers, and kill a small one at every write [DRIVERS=10000 KILLED=10]
	@$(PYTHON) -m benchmarks.settle $(if $(DRIVERS),--drivers $(DRIVERS)) $(if $(KILLED),--killed $(KILLED))

lives: setup  ## play random lives of money with faults and kills, and check the books [LIVES=30000 WORKERS=1 SEED=23]
	@$(PYTHON) -m benchmarks.money $(if $(LIVES),--lives $(LIVES)) $(if $(WORKERS),--workers $(WORKERS)) $(if $(SEED),--seed $(SEED) --verbose)

bench: setup  ## run the benchmarks
	@$(PYTHON) -m benchmarks

eta: setup  ## how well arrivals are foretold, learned in a city with hidden traffic [SEEDS="1 2 3" PBF=extract.osm.pbf]
	@$(PYTHON) -m benchmarks.eta $(if $(SEEDS),--seeds $(SEEDS)) $(if $(PBF),--pbf "$(PBF)")

lock: setup  ## pin the newest versions of what requirements/*.in and layers/*/requirements.in name
	@compile=".local/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 --no-header --no-annotate"; \
	$$compile requirements/dev.in -o requirements/dev.txt && \
	$$compile requirements/emulator.in -o requirements/emulator.txt && \
	for layer in light finance solver; do \
		$$compile -c requirements/dev.txt layers/$$layer/requirements.in -o layers/$$layer/requirements.txt; \
	done

clean:  ## stop the platform and remove all that was made here
	@python3 -m local.stack down
	rm -rf .venv .local build cdk.out node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
