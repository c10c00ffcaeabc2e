"""Portraits by the diffusion models a table names."""
