"""How the sandbox says no to whoever sets it up."""


class InputError(ValueError):
    """The sandbox was asked for something it cannot do. The message says what is accepted."""
