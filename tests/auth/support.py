"""An API with its token endpoint, in memory, for requests that are looked at one by one."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import anyio
import httpx

from vbc_call_recording import AsyncCallRecordingClient, Auth, CallRecordingClient, StatusError

TOKEN_URL = "https://auth.test/token"
API_URL = "https://api.test"

Send = Callable[..., int]
"""Sends a GET with a client of one kind, and gives the status of the answer. Token errors are raised."""


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


class TokenServer:
    """Hands out `access-1`, `refresh-1`, `access-2`, …, and uses up refresh tokens by one use.

    Attributes:
        token_requests: Every token request received.
        api_requests: The bearer token of every other request.
        lifetime: `expires_in` of the answers.
        scripted: Answers to give instead, in order; what can be raised is raised.
        accepted: Access tokens that the API takes.
        refreshable: Refresh tokens that are not used up.
    """

    def __init__(self) -> None:
        self.token_requests: list[httpx.Request] = []
        self.api_requests: list[str | None] = []
        self.lifetime = 3600
        self.scripted: list[httpx.Response | Exception] = []
        self.accepted: set[str] = set()
        self.refreshable: set[str] = set()

    @property
    def forms(self) -> list[dict[str, str]]:
        """What the token requests said."""
        return [dict(parse_qsl(request.content.decode())) for request in self.token_requests]

    @property
    def grants(self) -> list[str]:
        """Which grants were asked for."""
        return [form["grant_type"] for form in self.forms]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) != TOKEN_URL:
            authorization = request.headers.get("Authorization")
            self.api_requests.append(authorization and authorization.removeprefix("Bearer "))
            return httpx.Response(200 if self.api_requests[-1] in self.accepted else 401, json={"id": 1})
        self.token_requests.append(request)
        if self.scripted:
            answer = self.scripted.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        form = self.forms[-1]
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refreshable:
                return httpx.Response(400, json={"error": "invalid_grant"})
            self.refreshable.remove(form["refresh_token"])
        number = len(self.token_requests)
        self.accepted.add(f"access-{number}")
        self.refreshable.add(f"refresh-{number}")
        return httpx.Response(200, json=tokens(number, expires_in=self.lifetime))

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)


def tokens(number: int, **more: object) -> dict[str, object]:
    """An answer of the token endpoint."""
    return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", **more}


def send_sync(auth: Auth, serve: Callable[[httpx.Request], httpx.Response], **options: object) -> int:
    transport = httpx.MockTransport(serve)
    with CallRecordingClient(auth=auth, base_url=API_URL, transport=transport, **options) as client:
        try:
            client.company_recordings.get(1)
        except StatusError as error:
            return status_of(error)
        return 200


async def send_async(auth: Auth, serve: Callable[[httpx.Request], object], **options: object) -> int:
    transport = httpx.MockTransport(serve)
    async with AsyncCallRecordingClient(
        auth=auth, base_url=API_URL, transport=transport, **options
    ) as client:
        try:
            await client.company_recordings.get(1)
        except StatusError as error:
            return status_of(error)
        return 200


def send_by_tasks(auth: Auth, serve: Callable[[httpx.Request], object], **options: object) -> int:
    async def main() -> int:
        return await send_async(auth, serve, **options)

    return anyio.run(main)


def status_of(error: StatusError) -> int:
    if error.operation == "token" or error.status_code is None:
        raise error
    return error.status_code
