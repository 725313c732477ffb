from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.recording import Recording
from ...types import (
    Response,
    path_segment,
    read_json,
)


def _get_kwargs(
    account_id: str,
    user_id: str,
    recording_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "get_on_demand_recording"},
        "method": "get",
        "url": "/api/accounts/{account_id}/users/{user_id}/call_recordings/{recording_id}".format(
            account_id=path_segment(account_id, "account_id"),
            user_id=path_segment(user_id, "user_id"),
            recording_id=path_segment(recording_id, "recording_id"),
        ),
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Recording | None:
    with errors.reading(response):
        if response.is_success:
            response_200 = Recording.from_dict(read_json(response.content))

            return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Recording]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
        http=response,
    )


def sync_detailed(
    account_id: str,
    user_id: str,
    recording_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Recording]:
    """Get an on-demand recording

     The details of one on-demand recording of the user.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        recording_id (str): The recording's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Recording]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        recording_id=recording_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    account_id: str,
    user_id: str,
    recording_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Recording | None:
    """Get an on-demand recording

     The details of one on-demand recording of the user.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        recording_id (str): The recording's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Recording
    """

    return sync_detailed(
        account_id=account_id,
        user_id=user_id,
        recording_id=recording_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    account_id: str,
    user_id: str,
    recording_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Recording]:
    """Get an on-demand recording

     The details of one on-demand recording of the user.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        recording_id (str): The recording's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Recording]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        recording_id=recording_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    account_id: str,
    user_id: str,
    recording_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Recording | None:
    """Get an on-demand recording

     The details of one on-demand recording of the user.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        recording_id (str): The recording's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Recording
    """

    return (
        await asyncio_detailed(
            account_id=account_id,
            user_id=user_id,
            recording_id=recording_id,
            client=client,
        )
    ).parsed
