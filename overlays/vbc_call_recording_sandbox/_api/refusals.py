"""How the API says no."""

from starlette.exceptions import HTTPException


class Misfit(HTTPException):
    """The request is not one that openapi.yaml describes. The message says what is accepted."""


def bad_request(message: str) -> Misfit:
    """400: something in the request cannot be understood."""
    return Misfit(400, message)


def not_found(what: str) -> HTTPException:
    """404: there is no such thing, or no longer."""
    return HTTPException(404, f"There is no {what}.")
