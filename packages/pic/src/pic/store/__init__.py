"""The record on disk: where it lies, who may write, what was written, and whether it still says so."""
