"""The version of Dateline."""

__version__ = "0.2.0"
