"""What goes wrong with single requests: planned by tests, checked when planned, met in their order."""
