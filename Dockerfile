# Two images from one file. Without a target, it is the sandbox for tests in any language: see docs/sandbox.md.
#   docker build -t vbc-sandbox . && docker run --rm -p 8080:8080 vbc-sandbox --quota 10/min
# The other one is the command that archives: see docs/operations.md.
#   docker build -t vbc-recordings --target archive .
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt build \
    && python -m build --wheel --outdir /dist

FROM python:3.13-slim AS archive
COPY constraints.txt /tmp/
RUN --mount=type=bind,from=build,source=/dist,target=/dist \
    pip install --no-cache-dir --no-compile --constraint /tmp/constraints.txt "$(echo /dist/*.whl)[archive,cloud]" \
    && useradd --uid 10001 --create-home archive \
    && install --directory --owner archive /recordings
USER 10001
VOLUME /recordings
ENTRYPOINT ["vbc-recordings"]
CMD ["--help"]

FROM python:3.13-slim AS sandbox
COPY constraints.txt /tmp/
RUN --mount=type=bind,from=build,source=/dist,target=/dist \
    pip install --no-cache-dir --constraint /tmp/constraints.txt "$(echo /dist/*.whl)[sandbox]" \
    && useradd --uid 10001 sandbox
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/_sandbox/health', timeout=2)"]
# Whoever can reach the port may administer it: from outside of the container, nobody is on its loopback.
ENTRYPOINT ["python", "-m", "vbc_call_recording_sandbox", "--host", "0.0.0.0", "--port", "8080", "--admin", "anywhere"]
