"""The embedded engine: CPU only, wheels only, no downloads, deterministic by seed."""
