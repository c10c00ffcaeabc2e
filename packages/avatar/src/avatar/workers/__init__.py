"""Backends that run in processes and environments of their own, so that packages which cannot live together serve one
product, a crash ends a worker and not the service, and ending a worker gives all of its memory back."""
