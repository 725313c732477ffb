"""From the socket to the API and back: the log, the quota, planned faults, broken connections."""
