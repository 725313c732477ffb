"""Source of everything that awaits. `scripts/mirror` writes `_sync` from it."""
