"""Audits dependencies while planning, before code is written."""

__version__ = "0.1.0"
