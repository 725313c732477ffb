"""Holding an archive against its disk, its papers and the vendor: `verify(archive)`."""

from .findings import Checked, Event, Finding, Sign, Subject, VerifyResult
from .run import verify

__all__ = ["Checked", "Event", "Finding", "Sign", "Subject", "VerifyResult", "verify"]
