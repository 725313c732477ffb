"""The API behind the gateway: operations, what they are asked with, and what they answer."""
