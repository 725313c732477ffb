"""What every request needs: addresses, outcomes, retries, redaction."""
