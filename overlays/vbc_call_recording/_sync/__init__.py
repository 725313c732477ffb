# Written by scripts/mirror from overlays/vbc_call_recording/_async/__init__.py.
# Change that file and run `make generate`.
"""Source of everything that awaits. `scripts/mirror` writes `_sync` from it."""
