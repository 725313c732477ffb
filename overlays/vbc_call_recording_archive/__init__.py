"""An application on top of `vbc_call_recording`: archives of recordings that can say what they lack.

So far it compares what an export brought with what the listing names, and fetches the rest.
"""

from .accounting import ExportReport, compare
from .reconcile import check_export, fetch_missing

__all__ = ["ExportReport", "check_export", "compare", "fetch_missing"]
