"""Exports: what names one, and what the state of its jobs means."""
