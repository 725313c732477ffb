"""One file a subject, each with `ROWS`."""
