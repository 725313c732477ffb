"""The command `vbc-recordings`: words, tables, progress bars. What is decided is decided elsewhere.

One file a command. The others: `group` holds them together, `endings` knows every exit code and turns errors
into a sentence, `screen` writes, `progress` moves, `options` and `words` are shared.
"""

import sys


def main() -> int:
    """The console script. Its exit codes are in docs/archive.md."""
    try:
        from .group import run
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("click", "jinja2", "rich"):
            raise
        sys.stderr.write(
            f"error: vbc-recordings needs the package {missing}\n"
            "hint: pip install 'vbc-call-recording[archive]'\n"
        )
        return 2
    return run()
