# The table of contents: `make help`. What is done here is one line; how it is done stands in the Python that the line calls.
.DEFAULT_GOAL := help
.PHONY: help serve test lint bench load monitor gateway image archive train clean
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

test: .venv/dev.stamp  ## the whole suite, against a real TorchServe on free ports
	@$(PY) -m pytest

lint: .venv/dev.stamp  ## style: ruff check and format
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

bench: .venv/bench.stamp  ## measure the service beside its peers on this machine -> build/bench (about 25 minutes)
	@$(PY) -m tests.bench $(BENCH)

load: .venv/dev.stamp  ## LOAD="--shape spike --peak 60": load on the running service, with gates -> build/load
	@mkdir -p build/load
	@$(PY) -m locust -f tests/load/locustfile.py --host http://127.0.0.1:$(strip $(PORT)) --html build/load/report.html --csv build/load/load $(if $(strip $(UI)),,--headless --only-summary) $(LOAD)

monitor: .venv/serve.stamp  ## Prometheus with rules and alerts (and Grafana, if installed) on the running service
	@$(PY) -m config.monitoring.run --service-port $(PORT)

gateway: .venv/serve.stamp  ## KEYS=clients.map: nginx with keys and limits in front of the running service
	@$(PY) -m config.gateway.run --keys $(KEYS) --torchserve-port $(PORT)

image:  ## the container image real-or-ai-face:1.0.0 (TORCH=cu126 for a GPU, RELEASE for another release)
	docker build --build-arg TORCH=$(or $(strip $(TORCH)),cpu) --build-arg RELEASE=$(or $(notdir $(strip $(RELEASE))),face-1.0) -t real-or-ai-face:1.0.0 .

archive: .venv/dev.stamp  ## pack each release of model_store/ into a .mar
	@for release in model_store/*/; do $(PY) -m training archive --release $$release; done

train: .venv/dev.stamp  ## RAW=raw NAME=mine: your two folders of faces -> model_store/mine, with report and model card
	@$(PY) -m training.pipeline --raw $(RAW) --name $(NAME) $(TRAIN)

clean:  ## remove what the commands made, but for data/, runs/ and the environment
	rm -rf build model_store/*.mar .pytest_cache .ruff_cache .hypothesis

.venv/serve.stamp .venv/dev.stamp .venv/bench.stamp: pyproject.toml config/setup_env.sh
	@TORCH="$(strip $(TORCH))" sh config/setup_env.sh $(basename $(notdir $@))
