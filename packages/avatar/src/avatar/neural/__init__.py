"""What runs inside the workers' own environments: a folder each with manifest.toml, its lock and worker.py.

Nothing here is imported by the rest of avatar, and nothing here imports it: only numpy, torch and the
backend's own packages are at hand where this runs.
"""
