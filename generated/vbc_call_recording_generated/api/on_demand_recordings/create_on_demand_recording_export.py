from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.export_filter import ExportFilter
from ...models.export_job_ids import ExportJobIds
from ...types import (
    Response,
    path_segment,
    read_json,
)


def _get_kwargs(
    account_id: str,
    user_id: str,
    *,
    body: ExportFilter,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "create_on_demand_recording_export"},
        "method": "post",
        "url": "/api/accounts/{account_id}/users/{user_id}/call_recordings/export".format(
            account_id=path_segment(account_id, "account_id"),
            user_id=path_segment(user_id, "user_id"),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ExportJobIds | None:
    with errors.reading(response):
        if response.status_code in range(201, 202):
            response_201 = ExportJobIds.from_dict(read_json(response.content))

            return response_201

        if response.is_success:
            response_202 = ExportJobIds.from_dict(read_json(response.content))

            return response_202

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ExportJobIds]:
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
    *,
    client: AuthenticatedClient | Client,
    body: ExportFilter,
) -> Response[ExportJobIds]:
    """Export on-demand recordings

     Starts export jobs for the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        body (ExportFilter): Which recordings to export. All filters must match; none at all
            exports everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJobIds]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ExportFilter,
) -> ExportJobIds | None:
    """Export on-demand recordings

     Starts export jobs for the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        body (ExportFilter): Which recordings to export. All filters must match; none at all
            exports everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJobIds
    """

    return sync_detailed(
        account_id=account_id,
        user_id=user_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ExportFilter,
) -> Response[ExportJobIds]:
    """Export on-demand recordings

     Starts export jobs for the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        body (ExportFilter): Which recordings to export. All filters must match; none at all
            exports everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJobIds]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ExportFilter,
) -> ExportJobIds | None:
    """Export on-demand recordings

     Starts export jobs for the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        body (ExportFilter): Which recordings to export. All filters must match; none at all
            exports everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJobIds
    """

    return (
        await asyncio_detailed(
            account_id=account_id,
            user_id=user_id,
            client=client,
            body=body,
        )
    ).parsed
