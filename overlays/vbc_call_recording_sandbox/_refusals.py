"""How the API says no."""

from starlette.exceptions import HTTPException


def bad_request(message: str) -> HTTPException:
    """400: something in the request cannot be understood."""
    return HTTPException(400, message)


def not_found(what: str) -> HTTPException:
    """404: there is no such thing, or no longer."""
    return HTTPException(404, f"There is no {what}.")
