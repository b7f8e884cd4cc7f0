# The service as a container. `docker build -t real-or-ai-face:1.0.0 .`, then `docker run -p 8080:8080 real-or-ai-face:1.0.0`.
#
#   --build-arg TORCH=cu126      wheels of torch for a GPU (PyTorch's index of that name; empty: pip's own index)
#   --build-arg RELEASE=mine     another release of model_store/
#   --target train               the training command line instead of the service
ARG BASE_IMAGE=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS packages
ARG TORCH=cpu
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml ./
COPY config/__init__.py config/requirements.py config/
COPY config/locks config/locks
# Every file is one whose checksum the lock files know. torch comes by itself: which file it is, is the choice of TORCH
RUN python -m venv /opt/venv \
    && pip install --require-hashes --no-deps -r config/locks/build.txt \
    && pip install --require-hashes --no-deps --no-build-isolation -r config/locks/serve.txt \
    && python -m config.requirements > requirements.txt \
    && grep '^torch[<>=]' requirements.txt > torch.txt \
    && pip install ${TORCH:+--index-url "https://download.pytorch.org/whl/${TORCH}"} -r torch.txt \
    && pip check

FROM packages AS archive
ARG RELEASE=face-1.1
COPY config config
COPY handler handler
COPY training training
COPY model_store/${RELEASE} model_store/${RELEASE}
RUN python -c "from pathlib import Path; from training.archive import archive; \
archive(Path('model_store/${RELEASE}'), Path('/archives/face.mar'))"

FROM packages AS train
ARG TORCH=cpu
RUN python -m config.requirements train > requirements.txt \
    && grep '^torchvision[<>=]' requirements.txt > torchvision.txt \
    && pip install ${TORCH:+--index-url "https://download.pytorch.org/whl/${TORCH}"} -r torchvision.txt \
    && pip install --require-hashes --no-deps --no-build-isolation -r config/locks/train.txt \
    && pip check
COPY config config
COPY handler handler
COPY training training
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp face
USER 10001:10001
ENV HOME=/tmp
ENTRYPOINT ["python", "-m", "training"]
CMD ["--help"]

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS serve
LABEL org.opencontainers.image.title="Real or AI face" org.opencontainers.image.licenses="MIT"
# Java's package links its manual pages, whose folder slim images lack. Its version is that of the base image's Debian release.
# hadolint ignore=DL3008
RUN mkdir -p /usr/share/man/man1 \
    && apt-get update \
    && apt-get install --yes --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp face
COPY --from=packages /opt/venv /opt/venv
COPY config /app/config
COPY --from=archive /archives /app/model_store
WORKDIR /app
# /tmp is the one folder that is written to: a volume there lets the root file system be read-only
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --start-period=60s --interval=30s CMD ["python", "-m", "config.gateway.probe"]
# The start script becomes Java, which is PID 1 then and ends on SIGTERM. Workers and threads follow the container's share of the CPU
ENTRYPOINT ["python", "-m", "config.start", "--model-store", "/app/model_store", "--run-dir", "/tmp/face"]
CMD ["--host", "0.0.0.0", "--models", "face.mar"]
