"""Sources, read and never run: imports, names, announcements, a project's own files."""
