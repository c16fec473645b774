# What the targets do is in infra/local; `python3 infra/local/local.py --help` and `aws.py --help` tell more.

PYTHON ?= python3
LOCAL := $(PYTHON) infra/local/local.py
AWS := $(PYTHON) infra/local/aws.py
STAGE ?= dev

.DEFAULT_GOAL := help
.PHONY: help tools build demo up down status test test-localstack lint template fuzz chaos surge bench plan calibrate package deploy delete clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tools: ## install the pinned tools into .flotilla/tools
	@$(LOCAL) tools

build: ## compile everything for this machine
	@$(LOCAL) build

demo: ## a day of orders through the fleet on a local cloud, with a report
	@$(LOCAL) run --name demo -- flotilla demo $(DEMO)

up: ## start a local cloud, deploy, leave it running for your own messages
	@$(LOCAL) up

down: ## stop it
	@$(LOCAL) down

status: ## what runs, and where
	@$(LOCAL) status

test: ## everything that has to be green: format, lints, unit and end-to-end tests
	@$(LOCAL) test $(PARTS)

test-localstack: ## the end-to-end tests on LocalStack (AWS_ENDPOINT_URL=... for one that runs already)
	@$(LOCAL) test build localstack

lint: ## format and clippy only
	@$(LOCAL) test format clippy

template: ## lints and tests of template.yaml only
	@$(LOCAL) test template

fuzz: ## changed documents on every parser (SECONDS=60, SEED=..., TARGET=...)
	@cargo run --quiet --bin fuzz -- $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(TARGET),--target $(TARGET))

chaos: ## thousands of tasks while everything goes wrong, with a report (SEED=1, SECONDS=240, TASKS=5000)
	@$(LOCAL) run --wire --name chaos -- flotilla chaos $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--duration $(SECONDS)) $(if $(TASKS),--tasks $(TASKS)) $(CHAOS)

surge: ## a Black Friday at full load, measured second by second (PROFILE=, SEED=, SURGE=)
	@$(LOCAL) run --name surge -- flotilla surge $(if $(PROFILE),--profile $(PROFILE)) $(if $(SEED),--seed $(SEED)) $(SURGE)

bench: ## how fast and how cheap, against the limit and against the peers (BENCH=peer for one section)
	@$(LOCAL) bench -- $(BENCH)

plan: ## what each agent needs on the day of a forecast, and what the day does without it (PLAN_FOR=forecast.csv)
	@cargo run --quiet --bin flotilla -- plan $(if $(PLAN_FOR),--forecast $(PLAN_FOR)) $(PLANNER)

calibrate: ## two small surges: the second is predicted from what the first measured
	@$(LOCAL) run --name calibrate -- sh infra/plan/calibrate.sh

package: ## build for AWS with sam build (ARCHITECTURE=arm64 or x86_64)
	@$(LOCAL) package

deploy: ## to your AWS account: tells what it costs, asks (STAGE, ARCHITECTURE, PARAMETERS, PLAN=1, BUILT=1, YES=1)
	@$(AWS) deploy --stage "$(STAGE)" --architecture "$(ARCHITECTURE)" $(if $(filter 1,$(PLAN)),--plan) \
		$(if $(filter 1,$(BUILT)),--built) $(if $(filter 1,$(YES)),--yes) -- $(PARAMETERS)

delete: ## the stack of a stage from your AWS account: tells what will be gone, asks (STAGE, YES=1)
	@$(AWS) delete --stage "$(STAGE)" $(if $(filter 1,$(YES)),--yes)

clean: down ## stop everything and delete what was built and installed
	@rm -rf .flotilla .aws-sam
	@cargo clean
