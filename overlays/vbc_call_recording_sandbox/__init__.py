"""An embedded server that speaks the VBC Call Recording API, for demonstrations and tests.

It needs nothing of the client. Start it with `python -m vbc_call_recording_sandbox`, or in a test:

    with Sandbox() as sandbox:
        ...

Its data is made up from a seed and really changes; what the vendor's documentation leaves open or what goes
wrong on real networks is under `sandbox.faults`.
"""

from ._data import ACCOUNT_ID, USER_ID, USER_IDS, Recording, Store
from ._exports import ExportDesk, Job
from ._faults import ExportRules, Faults, PagingQuirks, ReceivedRequest
from ._seed import PERIOD, REFERENCE

try:
    from ._server import Sandbox
    from ._tokens import Credentials, TokenDesk
except ModuleNotFoundError as missing:
    raise ImportError(f"{missing}: pip install 'vbc-call-recording[sandbox]'") from missing

__all__ = [
    "ACCOUNT_ID",
    "PERIOD",
    "REFERENCE",
    "USER_ID",
    "USER_IDS",
    "Credentials",
    "ExportDesk",
    "ExportRules",
    "Faults",
    "Job",
    "PagingQuirks",
    "ReceivedRequest",
    "Recording",
    "Sandbox",
    "Store",
    "TokenDesk",
]
