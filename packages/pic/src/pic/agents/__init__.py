"""What an agent's host reads in a repository, put there by `pic init`; and a linter for plugins."""
