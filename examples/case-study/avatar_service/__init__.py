"""The plan of the case study, as far as its dependencies go."""
