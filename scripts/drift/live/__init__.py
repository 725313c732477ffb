"""A look at the API itself."""
