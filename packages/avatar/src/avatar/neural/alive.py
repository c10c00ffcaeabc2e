"""Signs of life from inside a package's one long call: on a slow machine a sentence may take longer than a hang."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def heard(tell: Callable[[float], None], *modules: Any) -> Iterator[None]:
    """Tell after each pass of those torch modules, a token's or a step's; so a cancelled call ends at the next one."""
    hooks = [module.register_forward_hook(lambda *_: tell(0.0)) for module in modules]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
