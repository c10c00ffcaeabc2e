"""Resolution per cell: uv proposes, `packaging` re-checks."""

from preflight.resolve.cells import Resolver
from preflight.resolve.shelf import Shelf
from preflight.resolve.uv import Answer, Uv, find_uv, tidy

__all__ = ["Answer", "Resolver", "Shelf", "Uv", "find_uv", "tidy"]
