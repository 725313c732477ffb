"""Two sets of facts: what differs, how bad that is, and what is on purpose."""
