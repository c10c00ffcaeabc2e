"""Leads AI agents through six phases, one pilot in command at a time."""

__version__ = "0.1.0"
