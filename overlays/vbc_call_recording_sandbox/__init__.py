"""An embedded server that speaks the VBC Call Recording API, for demonstrations and tests.

It needs nothing of the client. Start it with `python -m vbc_call_recording_sandbox`, or in a test:

    with Sandbox() as sandbox:
        ...

Its data is made up from a seed and really changes. What the vendor's documentation leaves open is under
`sandbox.quirks`, what goes wrong on real networks under `sandbox.faults`, time under `sandbox.clock`.
"""

from ._clock import Clock
from ._data import ACCOUNT_ID, USER_ID, USER_IDS, Recording, Store
from ._errors import InputError
from ._quirks.answers import AnswerQuirks, GatewayQuirks, RequestQuirks
from ._quirks.exports import ExportRules
from ._quirks.files import FileQuirks
from ._quirks.paging import ListQuirks, PagingQuirks
from ._quirks.panel import Quirks
from ._quirks.quota import QuotaQuirks
from ._quirks.tokens import TokenQuirks
from ._requests import ReceivedRequest
from ._seed import PERIOD, REFERENCE

try:
    from ._api.exports import Exports, Job
    from ._faults.planned import Faults
    from ._gateway.quota import Quota, Usage
    from ._gateway.tokens import Credentials, Tokens
    from ._sandbox import Sandbox
except ModuleNotFoundError as missing:
    raise ImportError(f"{missing}: pip install 'vbc-call-recording[sandbox]'") from missing

__all__ = [
    "ACCOUNT_ID",
    "PERIOD",
    "REFERENCE",
    "USER_ID",
    "USER_IDS",
    "AnswerQuirks",
    "Clock",
    "Credentials",
    "ExportRules",
    "Exports",
    "Faults",
    "FileQuirks",
    "GatewayQuirks",
    "InputError",
    "Job",
    "ListQuirks",
    "PagingQuirks",
    "Quirks",
    "Quota",
    "QuotaQuirks",
    "ReceivedRequest",
    "Recording",
    "RequestQuirks",
    "Sandbox",
    "Store",
    "TokenQuirks",
    "Tokens",
    "Usage",
]
