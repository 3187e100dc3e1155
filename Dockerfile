# Trato as an image: two stages, an unprivileged user, a root that may be read-only, no secrets. Every package is checked against its
# hash. Settings come from the environment (see .env.example).
#
#   docker build -t trato .
#   docker run --rm --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 -v trato:/srv/trato/var trato     # the simulator, at /phone

ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY ops/requirements.txt ops/build-requirements.txt ops/
RUN python -m venv /opt/trato \
 && /opt/trato/bin/pip install --require-hashes --only-binary :all: --requirement ops/requirements.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --only-binary :all: --requirement ops/build-requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY flows flows
COPY schema schema
COPY docs docs
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /wheel \
 && /opt/trato/bin/pip install --no-deps --no-index /wheel/*.whl \
 && /opt/trato/bin/pip uninstall --yes pip

FROM ${PYTHON}
ENV PATH=/opt/trato/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1 \
    TRATO_HOST=0.0.0.0 TRATO_SIMULATOR_FORCED=address
RUN useradd --system --uid 10001 --home-dir /srv/trato --create-home trato \
 && install --directory --owner trato --mode 0700 /srv/trato/var
COPY --from=build /opt/trato /opt/trato
COPY flows /srv/trato/flows
WORKDIR /srv/trato
USER 10001
VOLUME /srv/trato/var
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"TRATO_PORT\", 8000)}/healthz', timeout=4)"]
CMD ["trato", "serve"]
