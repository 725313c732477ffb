from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.call_direction import CallDirection
from ...models.recording_page import RecordingPage
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
    call_direction: CallDirection | Unset = UNSET,
    call_id: str | Unset = UNSET,
    caller_id: str | Unset = UNSET,
    cnam: str | Unset = UNSET,
    dnis: str | Unset = UNSET,
    durationgte: int | Unset = UNSET,
    durationlte: int | Unset = UNSET,
    extension: str | Unset = UNSET,
    order: str | Unset = "start:DESC",
    page: int | Unset = 1,
    page_size: int | Unset = 10,
    startgte: str | Unset = UNSET,
    startlte: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_call_direction: str | Unset = UNSET
    if not isinstance(call_direction, Unset):
        json_call_direction = call_direction.value

    params["call_direction"] = json_call_direction

    params["call_id"] = call_id

    params["caller_id"] = caller_id

    params["cnam"] = cnam

    params["dnis"] = dnis

    params["duration:gte"] = durationgte

    params["duration:lte"] = durationlte

    params["extension"] = extension

    params["order"] = order

    params["page"] = page

    params["page_size"] = page_size

    params["start:gte"] = startgte

    params["start:lte"] = startlte

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "list_on_demand_recordings"},
        "method": "get",
        "url": "/api/accounts/{account_id}/users/{user_id}/call_recordings".format(
            account_id=path_segment(account_id, "account_id"),
            user_id=path_segment(user_id, "user_id"),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> RecordingPage | None:
    with errors.reading(response):
        if response.is_success:
            response_200 = RecordingPage.from_dict(read_json(response.content))

            return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[RecordingPage]:
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
    call_direction: CallDirection | Unset = UNSET,
    call_id: str | Unset = UNSET,
    caller_id: str | Unset = UNSET,
    cnam: str | Unset = UNSET,
    dnis: str | Unset = UNSET,
    durationgte: int | Unset = UNSET,
    durationlte: int | Unset = UNSET,
    extension: str | Unset = UNSET,
    order: str | Unset = "start:DESC",
    page: int | Unset = 1,
    page_size: int | Unset = 10,
    startgte: str | Unset = UNSET,
    startlte: str | Unset = UNSET,
) -> Response[RecordingPage]:
    """List on-demand recordings

     One page of the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        call_direction (CallDirection | Unset): Direction of a call as seen from the account: from
            outside, to outside, or between two of its own extensions.
        call_id (str | Unset): Only the call with this identifier. Example:
            c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Only calls from this caller ID. Example: 17325550100.
        cnam (str | Unset): Only calls with this CNAM (the caller's name as displayed). Example:
            JOHN SMITH.
        dnis (str | Unset): Only calls to this DNIS (the number that was dialled). Example:
            17325550100.
        durationgte (int | Unset): Only calls at least this long, in milliseconds. Example: 60000.
        durationlte (int | Unset): Only calls at most this long, in milliseconds. Example: 60000.
        extension (str | Unset): Only calls of this extension number. Example: 999.
        order (str | Unset): Field and direction to sort by, joined by a colon. Default:
            'start:DESC'.
        page (int | Unset): Number of the page to return. Default: 1.
        page_size (int | Unset): How many items a page holds. Default: 10.
        startgte (str | Unset): Only calls that started at this instant or later, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.
        startlte (str | Unset): Only calls that started at this instant or earlier, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[RecordingPage]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        call_direction=call_direction,
        call_id=call_id,
        caller_id=caller_id,
        cnam=cnam,
        dnis=dnis,
        durationgte=durationgte,
        durationlte=durationlte,
        extension=extension,
        order=order,
        page=page,
        page_size=page_size,
        startgte=startgte,
        startlte=startlte,
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
    call_direction: CallDirection | Unset = UNSET,
    call_id: str | Unset = UNSET,
    caller_id: str | Unset = UNSET,
    cnam: str | Unset = UNSET,
    dnis: str | Unset = UNSET,
    durationgte: int | Unset = UNSET,
    durationlte: int | Unset = UNSET,
    extension: str | Unset = UNSET,
    order: str | Unset = "start:DESC",
    page: int | Unset = 1,
    page_size: int | Unset = 10,
    startgte: str | Unset = UNSET,
    startlte: str | Unset = UNSET,
) -> RecordingPage | None:
    """List on-demand recordings

     One page of the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        call_direction (CallDirection | Unset): Direction of a call as seen from the account: from
            outside, to outside, or between two of its own extensions.
        call_id (str | Unset): Only the call with this identifier. Example:
            c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Only calls from this caller ID. Example: 17325550100.
        cnam (str | Unset): Only calls with this CNAM (the caller's name as displayed). Example:
            JOHN SMITH.
        dnis (str | Unset): Only calls to this DNIS (the number that was dialled). Example:
            17325550100.
        durationgte (int | Unset): Only calls at least this long, in milliseconds. Example: 60000.
        durationlte (int | Unset): Only calls at most this long, in milliseconds. Example: 60000.
        extension (str | Unset): Only calls of this extension number. Example: 999.
        order (str | Unset): Field and direction to sort by, joined by a colon. Default:
            'start:DESC'.
        page (int | Unset): Number of the page to return. Default: 1.
        page_size (int | Unset): How many items a page holds. Default: 10.
        startgte (str | Unset): Only calls that started at this instant or later, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.
        startlte (str | Unset): Only calls that started at this instant or earlier, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        RecordingPage
    """

    return sync_detailed(
        account_id=account_id,
        user_id=user_id,
        client=client,
        call_direction=call_direction,
        call_id=call_id,
        caller_id=caller_id,
        cnam=cnam,
        dnis=dnis,
        durationgte=durationgte,
        durationlte=durationlte,
        extension=extension,
        order=order,
        page=page,
        page_size=page_size,
        startgte=startgte,
        startlte=startlte,
    ).parsed


async def asyncio_detailed(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    call_direction: CallDirection | Unset = UNSET,
    call_id: str | Unset = UNSET,
    caller_id: str | Unset = UNSET,
    cnam: str | Unset = UNSET,
    dnis: str | Unset = UNSET,
    durationgte: int | Unset = UNSET,
    durationlte: int | Unset = UNSET,
    extension: str | Unset = UNSET,
    order: str | Unset = "start:DESC",
    page: int | Unset = 1,
    page_size: int | Unset = 10,
    startgte: str | Unset = UNSET,
    startlte: str | Unset = UNSET,
) -> Response[RecordingPage]:
    """List on-demand recordings

     One page of the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        call_direction (CallDirection | Unset): Direction of a call as seen from the account: from
            outside, to outside, or between two of its own extensions.
        call_id (str | Unset): Only the call with this identifier. Example:
            c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Only calls from this caller ID. Example: 17325550100.
        cnam (str | Unset): Only calls with this CNAM (the caller's name as displayed). Example:
            JOHN SMITH.
        dnis (str | Unset): Only calls to this DNIS (the number that was dialled). Example:
            17325550100.
        durationgte (int | Unset): Only calls at least this long, in milliseconds. Example: 60000.
        durationlte (int | Unset): Only calls at most this long, in milliseconds. Example: 60000.
        extension (str | Unset): Only calls of this extension number. Example: 999.
        order (str | Unset): Field and direction to sort by, joined by a colon. Default:
            'start:DESC'.
        page (int | Unset): Number of the page to return. Default: 1.
        page_size (int | Unset): How many items a page holds. Default: 10.
        startgte (str | Unset): Only calls that started at this instant or later, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.
        startlte (str | Unset): Only calls that started at this instant or earlier, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[RecordingPage]
    """

    kwargs = _get_kwargs(
        account_id=account_id,
        user_id=user_id,
        call_direction=call_direction,
        call_id=call_id,
        caller_id=caller_id,
        cnam=cnam,
        dnis=dnis,
        durationgte=durationgte,
        durationlte=durationlte,
        extension=extension,
        order=order,
        page=page,
        page_size=page_size,
        startgte=startgte,
        startlte=startlte,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    account_id: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    call_direction: CallDirection | Unset = UNSET,
    call_id: str | Unset = UNSET,
    caller_id: str | Unset = UNSET,
    cnam: str | Unset = UNSET,
    dnis: str | Unset = UNSET,
    durationgte: int | Unset = UNSET,
    durationlte: int | Unset = UNSET,
    extension: str | Unset = UNSET,
    order: str | Unset = "start:DESC",
    page: int | Unset = 1,
    page_size: int | Unset = 10,
    startgte: str | Unset = UNSET,
    startlte: str | Unset = UNSET,
) -> RecordingPage | None:
    """List on-demand recordings

     One page of the user's on-demand recordings that match every given filter.

    Args:
        account_id (str): The VBC account, or `self` for the account of the authenticated user.
        user_id (str): The VBC user, or `self` for the authenticated user.
        call_direction (CallDirection | Unset): Direction of a call as seen from the account: from
            outside, to outside, or between two of its own extensions.
        call_id (str | Unset): Only the call with this identifier. Example:
            c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Only calls from this caller ID. Example: 17325550100.
        cnam (str | Unset): Only calls with this CNAM (the caller's name as displayed). Example:
            JOHN SMITH.
        dnis (str | Unset): Only calls to this DNIS (the number that was dialled). Example:
            17325550100.
        durationgte (int | Unset): Only calls at least this long, in milliseconds. Example: 60000.
        durationlte (int | Unset): Only calls at most this long, in milliseconds. Example: 60000.
        extension (str | Unset): Only calls of this extension number. Example: 999.
        order (str | Unset): Field and direction to sort by, joined by a colon. Default:
            'start:DESC'.
        page (int | Unset): Number of the page to return. Default: 1.
        page_size (int | Unset): How many items a page holds. Default: 10.
        startgte (str | Unset): Only calls that started at this instant or later, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.
        startlte (str | Unset): Only calls that started at this instant or earlier, as `yyyy-MM-
            ddTHH:mm:ssZ` (ISO 8601). Example: 2019-01-01T00:00:00+0000.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        RecordingPage
    """

    return (
        await asyncio_detailed(
            account_id=account_id,
            user_id=user_id,
            client=client,
            call_direction=call_direction,
            call_id=call_id,
            caller_id=caller_id,
            cnam=cnam,
            dnis=dnis,
            durationgte=durationgte,
            durationlte=durationlte,
            extension=extension,
            order=order,
            page=page,
            page_size=page_size,
            startgte=startgte,
            startlte=startlte,
        )
    ).parsed
