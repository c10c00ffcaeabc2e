"""Text and a reference recording become a lip-synced talking-head video."""

__version__ = "0.1.0"
