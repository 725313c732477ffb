"""OpenTelemetry spans of a few calls, by the official instrumentation of httpx.

    pip install opentelemetry-instrumentation-httpx opentelemetry-sdk
    python examples/tracing.py      against whatever the VBC_* variables say

Each try is a span: requests to the API, token requests, and retries. The waits before them are events of the
span around the call. Here spans are printed; give the provider another exporter to send them somewhere.
"""

import sys

import httpx
from opentelemetry import trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from vbc_call_recording import CallRecordingClient, CallRecordingError, WaitEvent

tracer = trace.get_tracer("example")


def main() -> int:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
    with httpx.Client() as connections:
        HTTPXClientInstrumentor().instrument_client(connections)
        try:
            show_newest(connections)
        except CallRecordingError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return 1
    return 0


def show_newest(connections: httpx.Client) -> None:
    with (
        CallRecordingClient.from_env(http_client=connections, on_retry=note, on_quota_wait=note) as client,
        tracer.start_as_current_span("newest recording"),
    ):
        for call in client.company_recordings.list(limit=1, page_size=1):
            answer = client.company_recordings.with_raw_response.get(call)
            trace.get_current_span().set_attribute("vbc.request_id", answer.request_id or "")


def note(event: WaitEvent) -> None:
    """A wait becomes an event of the current span."""
    trace.get_current_span().add_event(
        "wait", {"operation": event.operation, "seconds": event.wait, "reason": event.reason}
    )


if __name__ == "__main__":
    sys.exit(main())
