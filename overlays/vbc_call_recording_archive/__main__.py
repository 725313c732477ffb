"""`python -m vbc_call_recording_archive` is `vbc-recordings`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
