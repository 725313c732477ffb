"""What stands before the API: tokens, the quota, and the refusals of the gateway itself."""
