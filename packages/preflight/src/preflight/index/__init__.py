"""The index: the user's configuration, a cached client, archives read member by member."""

from preflight.index.cache import Cache
from preflight.index.client import Index
from preflight.index.config import IndexConfig, configured

__all__ = ["Cache", "Index", "IndexConfig", "configured"]
