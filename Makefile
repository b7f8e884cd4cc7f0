# The table of contents: `make help`. What is done here is one line; how it is done stands in the Python that the line calls.
.DEFAULT_GOAL := help
.PHONY: help serve demo up down test lint bench load monitor gateway image archive train docs chaos lock sbom audit clean
PY := .venv/bin/python
TORCH ?=        # wheels of torch: empty = pip's own index; cpu, cu126, ... = PyTorch's index of that name
RELEASE ?=      # release folder to serve: empty = the newest version of model_store/
PORT ?= 8080    # inference; management and metrics follow on the next two
RAW ?= raw      # your photos: raw/real, raw/ai
NAME ?= mine    # what your own release is called
TRAIN ?=        # options of the training: --version 2.0 --recipe FILE --init WEIGHTS (python -m training.pipeline --help)
LOAD ?=         # options of the load test: --shape ramp --peak 60 --seconds 300 --photos FOLDER --max-p95 500
UI ?=           # 1: locust's page on port 8089 in place of a run
BENCH ?=        # options of the benchmark: --photos FOLDER, --memory, --repeats 5 (python -m tests.bench --help)

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 12
	@echo; echo "TORCH=cpu installs the small CPU wheels of torch (default: what pip finds; runs without a GPU too)."

serve: .venv/serve.stamp  ## install, pack the newest release, start TorchServe, show one verdict and heat map; Ctrl-C stops it
	@$(PY) -m config.serve --port $(PORT) $(if $(RELEASE),--release $(RELEASE))

demo: .venv/demo.stamp  ## the page for people, on the running service: photos in, verdict and heat map out
	@$(PY) -m client.demo --service http://127.0.0.1:$(strip $(PORT))

up: .venv/serve.stamp  ## service, gateway, page and Prometheus in containers (docker or podman), on loopback
	@$(PY) -m config.compose.run $(if $(RELEASE),--release $(RELEASE))

down: .venv/serve.stamp  ## stop what `make up` started
	@$(PY) -m config.compose.run --down

test: .venv/dev.stamp  ## the whole suite, against a real TorchServe on free ports
	@$(PY) -m tests

lint: .venv/dev.stamp  ## style: ruff check and format
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

bench: .venv/bench.stamp  ## measure the service beside its peers on this machine -> build/bench (about 25 minutes)
	@$(PY) -m tests.bench $(BENCH)

load: .venv/dev.stamp  ## LOAD="--shape spike --peak 60": load on the running service, with gates -> build/load
	@mkdir -p build/load
	@$(PY) -m locust -f tests/load/locustfile.py --host http://127.0.0.1:$(strip $(PORT)) --html build/load/report.html --csv build/load/load $(if $(strip $(UI)),,--headless --only-summary) $(LOAD)

chaos: .venv/dev.stamp  ## every fault, and 20,000 hostile inputs, against the real service -> build/chaos
	@$(PY) -m tests.chaos && $(PY) -m tests.hostile --gateway && $(PY) -m tests.hostile.isolation

monitor: .venv/serve.stamp  ## Prometheus with rules and alerts (and Grafana, if installed) on the running service
	@$(PY) -m config.monitoring.run --service-port $(PORT)

gateway: .venv/serve.stamp  ## KEYS=clients.map: nginx with keys and limits in front of the running service
	@$(PY) -m config.gateway.run --keys $(KEYS) --torchserve-port $(PORT)

image:  ## the container image real-or-ai-face:1.0.0 (TORCH=cu126 for a GPU, RELEASE for another release)
	docker build --build-arg TORCH=$(or $(strip $(TORCH)),cpu) --build-arg RELEASE=$(or $(notdir $(strip $(RELEASE))),face-1.1) -t real-or-ai-face:1.0.0 .

archive: .venv/dev.stamp  ## pack each release of model_store/ into a .mar
	@for release in model_store/*/; do $(PY) -m training archive --release $$release; done

train: .venv/dev.stamp  ## RAW=raw NAME=mine: your two folders of faces -> model_store/mine, with report and model card
	@$(PY) -m training.pipeline --raw $(RAW) --name $(NAME) $(TRAIN)

lock: .venv/supply.stamp  ## versions and checksums of the image's packages -> config/locks
	@$(PY) -m config.locks.lock

sbom: .venv/supply.stamp .venv/dev.stamp  ## bill of materials (CycloneDX) and licences -> build/sbom.json, build/licences.md
	@$(PY) -m config.locks.sbom

audit: .venv/supply.stamp  ## known advisories on the locked packages (asks OSV)
	@.venv/supply/bin/pip-audit --strict -s osv -r config/locks/serve.txt --require-hashes --disable-pip

docs: .venv/dev.stamp  ## the documentation as a site -> build/docs
	@$(PY) -m mkdocs build --strict --quiet

clean:  ## remove what the commands made, but for data/, runs/ and the environment
	rm -rf build model_store/*.mar .pytest_cache .ruff_cache .hypothesis

.venv/serve.stamp .venv/demo.stamp .venv/dev.stamp .venv/bench.stamp: pyproject.toml config/setup_env.sh
	@TORCH="$(strip $(TORCH))" sh config/setup_env.sh $(basename $(notdir $@))

.venv/supply.stamp: .venv/serve.stamp
	@$(PY) -m venv .venv/supply && .venv/supply/bin/pip install -q uv==0.13.9 cyclonedx-bom==7.5.0 pip-audit==2.10.1 && touch $@
