from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.export_job_page import ExportJobPage
from ...types import (
    UNSET,
    Response,
    Unset,
    path_segment,
    read_json,
)


def _get_kwargs(
    account_id: str,
    user_id: str,
    *,
    status: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["status"] = status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "list_export_jobs"},
        "method": "get",
        "url": "/api/accounts/{account_id}/users/{user_id}/call_recordings/jobs".format(
            account_id=path_segment(account_id, "account_id"),
            user_id=path_segment(user_id, "user_id"),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ExportJobPage | None:
    with errors.reading(response):
        if response.is_success:
            response_200 = ExportJobPage.from_dict(read_json(response.content))

            return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ExportJobPage]:
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
    status: str | Unset = UNSET,
) -> Response[ExportJobPage]:
    """List export jobs

     The export jobs the user started. The answer is paged, but no parameter to ask for another page is
    documented: follow the `next` link.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        status (str | Unset): Only export jobs with this status.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJobPage]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        status=status,
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
    status: str | Unset = UNSET,
) -> ExportJobPage | None:
    """List export jobs

     The export jobs the user started. The answer is paged, but no parameter to ask for another page is
    documented: follow the `next` link.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        status (str | Unset): Only export jobs with this status.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJobPage
    """

    return sync_detailed(
        account_id=account_id,
        user_id=user_id,
        client=client,
        status=status,
    ).parsed


async def asyncio_detailed(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: str | Unset = UNSET,
) -> Response[ExportJobPage]:
    """List export jobs

     The export jobs the user started. The answer is paged, but no parameter to ask for another page is
    documented: follow the `next` link.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        status (str | Unset): Only export jobs with this status.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJobPage]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        status=status,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: str | Unset = UNSET,
) -> ExportJobPage | None:
    """List export jobs

     The export jobs the user started. The answer is paged, but no parameter to ask for another page is
    documented: follow the `next` link.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        status (str | Unset): Only export jobs with this status.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJobPage
    """

    return (
        await asyncio_detailed(
            account_id=account_id,
            user_id=user_id,
            client=client,
            status=status,
        )
    ).parsed
