#!/bin/sh
# Makes or completes the environment in .venv: `sh config/setup_env.sh serve|demo|dev|bench`; the Makefile calls it when pyproject.toml changed.
# TORCH=cpu, cu126, ... takes torch from PyTorch's own wheel index of that name instead of pip's.
set -eu
want=$1

# a candidate must really run: version managers put names on the path that only print an error
if [ ! -x .venv/bin/python ]; then
  for python in python3.11 python3.12 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
      "$python" -m venv .venv
      break
    fi
  done
fi
[ -x .venv/bin/python ] || { echo "Python 3.11 or 3.12 with its venv module is needed, and was not found." >&2; exit 1; }

index=""
[ -z "${TORCH:-}" ] || index="--index-url https://download.pytorch.org/whl/$TORCH"
echo "Installing packages into .venv (several minutes the first time) ..."
case $want in
  serve) extras=client ;;
  demo) extras=client,demo ;;
  dev) extras=client,demo,train,dev ;;
  bench) extras=client,demo,train,dev,bench ;;
esac
# torch first and by itself, so that the choice of its index touches nothing else
.venv/bin/python -m config.requirements "$extras" | grep -E '^torch(vision)?[<>=]' > .venv/torch.txt
# shellcheck disable=SC2086
.venv/bin/python -m pip install --quiet --disable-pip-version-check $index -r .venv/torch.txt

PYTHONPATH= .venv/bin/python -m config.java >/dev/null 2>&1 || extras=$extras,java
# the requirements of pyproject.toml without the project itself, which is never installed
.venv/bin/python -m config.requirements "$extras" > .venv/requirements.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r .venv/requirements.txt
# an environment of its own: it pins packages that others need newer
case $want in dev | bench) .venv/bin/python -m venv .venv/checkov && .venv/checkov/bin/pip install --quiet checkov==3.3.30 ;; esac
# what holds more serves less, too
case $want in
  serve) touch .venv/serve.stamp ;;
  demo) touch .venv/demo.stamp .venv/serve.stamp ;;
  dev) touch .venv/dev.stamp .venv/demo.stamp .venv/serve.stamp ;;
  bench) touch .venv/bench.stamp .venv/dev.stamp .venv/demo.stamp .venv/serve.stamp ;;
esac
