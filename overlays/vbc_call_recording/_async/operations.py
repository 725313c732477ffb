"""Which generated function does what, for recordings of the company and for those made on demand."""

from typing import Any, Protocol

from attrs import frozen

from vbc_call_recording_generated.api.company_recordings import (
    delete_company_recording,
    get_company_recording,
    list_company_recordings,
)
from vbc_call_recording_generated.api.on_demand_recordings import (
    delete_on_demand_recording,
    get_on_demand_recording,
    list_on_demand_recordings,
)
from vbc_call_recording_generated.types import Response

from .._exports.ticket import ExportScope


class AsyncCall(Protocol):
    """A generated function: path parameters in order, then the client and the rest by name."""

    async def __call__(self, *path: Any, **arguments: Any) -> Response[Any]: ...


@frozen
class AsyncOperations:
    """The generated functions for one sort of recordings."""

    scope: ExportScope
    list_page: AsyncCall
    get: AsyncCall
    delete: AsyncCall


COMPANY = AsyncOperations(
    scope="company",
    list_page=list_company_recordings.asyncio_detailed,
    get=get_company_recording.asyncio_detailed,
    delete=delete_company_recording.asyncio_detailed,
)
ON_DEMAND = AsyncOperations(
    scope="on_demand",
    list_page=list_on_demand_recordings.asyncio_detailed,
    get=get_on_demand_recording.asyncio_detailed,
    delete=delete_on_demand_recording.asyncio_detailed,
)


def operation_id(call: AsyncCall) -> str:
    """The operationId in openapi.yaml: generated modules are named by it."""
    return call.__module__.rpartition(".")[2]
