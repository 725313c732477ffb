"""The version of this distribution, read by the build too."""

__version__ = "0.1.0"
USER_AGENT = f"vbc-call-recording/{__version__}"
