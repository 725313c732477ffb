"""Writing upstream's additions into openapi.yaml."""
