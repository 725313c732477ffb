"""Reading what is compared: OpenAPI documents and the docs page become facts."""
