# The packages of the demo page; its code is mounted (compose.yaml).
ARG BASE_IMAGE=python:3.11-slim-bookworm
# hadolint ignore=DL3006
FROM ${BASE_IMAGE}
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY pyproject.toml ./
# these extras alone: the page speaks HTTP, and needs nothing of what serves
RUN python -m venv /opt/venv \
    && python -c "import tomllib; extras = tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']; \
print(*extras['client'], *extras['demo'], sep='\n')" > requirements.txt \
    && pip install -r requirements.txt \
    && useradd --uid 10003 --user-group --no-create-home --home-dir /tmp page
USER 10003:10003
ENV HOME=/tmp
EXPOSE 8501
ENTRYPOINT ["python", "-m", "client.demo"]
