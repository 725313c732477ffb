"""Checked by mypy and pyright, never run: setting up clients and authenticating."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import os
from pathlib import Path
from typing import assert_type

import httpx

from vbc_call_recording import (
    BASE_URL,
    BASE_URL_INDIA,
    AccessToken,
    ApiClient,
    AsyncCallRecordingClient,
    Auth,
    AuthorizationCode,
    CallRecordingClient,
    FileTokenStore,
    PasswordGrant,
    RefreshToken,
    RetryPolicy,
    __version__,
)
from vbc_call_recording_generated.api.company_recordings import list_company_recordings
from vbc_call_recording_generated.models import RecordingPage

TEXTS: list[str] = [BASE_URL, BASE_URL_INDIA, __version__]


def ask() -> str:
    return "token"


async def ask_async() -> str:
    return "token"


def every_way_to_authenticate(store: FileTokenStore) -> list[Auth]:
    return [
        AccessToken("token"),
        AccessToken(ask),
        AccessToken(ask_async),
        PasswordGrant("name", "password", "id", "secret"),
        PasswordGrant("name", "password", "id", "secret", token_store=store, token_url="https://x/token"),
        RefreshToken("refresh", "id", "secret", token_store=store),
        RefreshToken(None, "id", "secret", token_store=store),
        AuthorizationCode("code", "https://me/back", "id", "secret", token_store=None),
        AuthorizationCode.from_redirect(
            "https://me/back?code=1",
            state="s",
            redirect_uri="https://me/back",
            client_id="i",
            client_secret="s",
        ),
    ]


def wrong_ways_to_authenticate(store: FileTokenStore) -> None:
    AccessToken(b"token")  # type: ignore[arg-type]
    AccessToken(lambda: 5)  # type: ignore[arg-type]
    PasswordGrant("name", "password", "id")  # type: ignore[call-arg]
    PasswordGrant("name", "password", "id", "secret", store)  # type: ignore[call-arg]
    PasswordGrant("name", "password", "id", "secret", token_store="tokens.json")  # type: ignore[arg-type]
    RefreshToken("refresh", client_id="id", client_secrets="secret")  # type: ignore[call-arg]
    AuthorizationCode.from_redirect("https://me/back?code=1", state="s")  # type: ignore[call-arg]


def the_sign_in_page() -> None:
    assert_type(AuthorizationCode.authorization_url("id", "https://me/back", "state"), str)
    FileTokenStore("tokens.json")
    FileTokenStore(Path("tokens.json"))
    FileTokenStore(5)  # type: ignore[arg-type]


def a_client() -> None:
    CallRecordingClient(auth="token")
    CallRecordingClient(
        auth=PasswordGrant("name", "password", "id", "secret"),
        base_url=BASE_URL_INDIA,
        account_id=123,
        timeout=5,
        retries=RetryPolicy(tries=2, total_time=10, max_wait=1.5, first_wait=0.1),
        http_client=httpx.Client(),
    )
    CallRecordingClient(auth="t", timeout=httpx.Timeout(5), retries=0, transport=httpx.HTTPTransport())
    CallRecordingClient(auth="t", proxy="http://proxy:3128")
    with CallRecordingClient.from_env() as client:
        assert_type(client, CallRecordingClient)
    assert_type(CallRecordingClient.from_env({"VBC_ACCESS_TOKEN": "t"}, timeout=5), CallRecordingClient)
    assert_type(CallRecordingClient.from_env(os.environ).with_options(retries=3), CallRecordingClient)
    assert_type(client.base_url, str)
    assert_type(client.account_id, str)
    assert_type(client.api, ApiClient)
    assert_type(list_company_recordings.sync("self", client=client.api), RecordingPage | None)
    client.close()


async def an_async_client() -> None:
    AsyncCallRecordingClient(auth="token", http_client=httpx.AsyncClient(), timeout=5.5)
    AsyncCallRecordingClient(auth=AccessToken(ask_async), transport=httpx.AsyncHTTPTransport())
    async with AsyncCallRecordingClient.from_env() as client:
        assert_type(client, AsyncCallRecordingClient)
    assert_type(client.with_options(timeout=httpx.Timeout(5)), AsyncCallRecordingClient)
    assert_type(await list_company_recordings.asyncio("self", client=client.api), RecordingPage | None)
    await client.aclose()


def wrong_clients() -> None:
    CallRecordingClient()  # type: ignore[call-arg]
    CallRecordingClient("token")  # type: ignore[call-arg]
    CallRecordingClient(auth=None)  # type: ignore[arg-type]
    CallRecordingClient(auth="t", timeout="5")  # type: ignore[arg-type]
    CallRecordingClient(auth="t", timeout=None)  # type: ignore[arg-type]
    CallRecordingClient(auth="t", retries=1.5)  # type: ignore[arg-type]
    CallRecordingClient(auth="t", retry=1)  # type: ignore[call-arg]
    CallRecordingClient(auth="t", http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    AsyncCallRecordingClient(auth="t", http_client=httpx.Client())  # type: ignore[arg-type]
    AsyncCallRecordingClient(auth="t", transport=httpx.HTTPTransport())  # type: ignore[arg-type]
    CallRecordingClient.from_env("VBC_")  # type: ignore[arg-type]
    RetryPolicy(total=3)  # type: ignore[call-arg]
    RetryPolicy().tries = 5  # type: ignore[misc]


async def clients_of_the_other_kind(client: CallRecordingClient, other: AsyncCallRecordingClient) -> None:
    async with client:  # type: ignore[attr-defined]
        pass
    with other:  # type: ignore[attr-defined]
        pass
    await client.close()  # type: ignore[misc, func-returns-value]
    client.with_options(auth="t")  # type: ignore[call-arg]
    client.api = None  # type: ignore[assignment]
