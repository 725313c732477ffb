# The sandbox for tests in any language: see docs/sandbox.md.
#   docker build -t vbc-sandbox . && docker run --rm -p 8080:8080 vbc-sandbox --quota 10/min
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt build \
    && python -m build --wheel --outdir /dist

FROM python:3.13-slim
COPY constraints.txt /tmp/
RUN --mount=type=bind,from=build,source=/dist,target=/dist \
    pip install --no-cache-dir --constraint /tmp/constraints.txt "$(echo /dist/*.whl)[sandbox]" \
    && useradd --system sandbox
USER sandbox
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/_sandbox/health', timeout=2)"]
# Whoever can reach the port may administer it: from outside of the container, nobody is on its loopback.
ENTRYPOINT ["python", "-m", "vbc_call_recording_sandbox", "--host", "0.0.0.0", "--port", "8080", "--admin", "anywhere"]
