"""Drift: where generated/, openapi.yaml, what the vendor publishes and the live API disagree."""
