"""An embedded server that speaks the VBC Call Recording API, for demonstrations and tests.

It needs nothing of the client. Start it with `python -m vbc_call_recording_sandbox`, or in a test:

    with Sandbox() as sandbox:
        ...

Its data is made up from a seed and really changes; what the vendor's documentation leaves open or what goes
wrong on real networks is under `sandbox.faults`.
"""

from ._clock import Clock
from ._data import ACCOUNT_ID, USER_ID, USER_IDS, Recording, Store
from ._errors import InputError
from ._exports import ExportDesk, Job
from ._faults import ExportRules, Faults, PagingQuirks, ReceivedRequest
from ._quirks.panel import Quirks
from ._quirks.quota import QuotaQuirks
from ._quirks.tokens import TokenQuirks
from ._seed import PERIOD, REFERENCE

try:
    from ._gateway.quota import Quota, Usage
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
    "Clock",
    "Credentials",
    "ExportDesk",
    "ExportRules",
    "Faults",
    "InputError",
    "Job",
    "PagingQuirks",
    "Quirks",
    "Quota",
    "QuotaQuirks",
    "ReceivedRequest",
    "Recording",
    "Sandbox",
    "Store",
    "TokenDesk",
    "TokenQuirks",
    "Usage",
]
