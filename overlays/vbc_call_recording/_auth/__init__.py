"""Logging in: flows, grants, tokens, and the file that processes share."""
