from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.export_job import ExportJob
from ...types import (
    Response,
    path_segment,
    read_json,
)


def _get_kwargs(
    account_id: str,
    user_id: str,
    job_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "get_recording_transcription_export_job"},
        "method": "get",
        "url": "/api/accounts/{account_id}/users/{user_id}/call_recordings/recordings_transcriptions/jobs/{job_id}".format(
            account_id=path_segment(account_id, "account_id"),
            user_id=path_segment(user_id, "user_id"),
            job_id=path_segment(job_id, "job_id"),
        ),
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ExportJob | None:
    with errors.reading(response):
        if response.is_success:
            response_200 = ExportJob.from_dict(read_json(response.content))

            return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ExportJob]:
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
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ExportJob]:
    """Get an export job with transcriptions

     The state of one of the user's export jobs that were started with the company recordings and
    transcriptions export.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        job_id (str): The export job's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJob]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        job_id=job_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    account_id: str,
    user_id: str,
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ExportJob | None:
    """Get an export job with transcriptions

     The state of one of the user's export jobs that were started with the company recordings and
    transcriptions export.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        job_id (str): The export job's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJob
    """

    return sync_detailed(
        account_id=account_id,
        user_id=user_id,
        job_id=job_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    account_id: str,
    user_id: str,
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ExportJob]:
    """Get an export job with transcriptions

     The state of one of the user's export jobs that were started with the company recordings and
    transcriptions export.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        job_id (str): The export job's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ExportJob]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        job_id=job_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    account_id: str,
    user_id: str,
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ExportJob | None:
    """Get an export job with transcriptions

     The state of one of the user's export jobs that were started with the company recordings and
    transcriptions export.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        job_id (str): The export job's identifier.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ExportJob
    """

    return (
        await asyncio_detailed(
            account_id=account_id,
            user_id=user_id,
            job_id=job_id,
            client=client,
        )
    ).parsed
