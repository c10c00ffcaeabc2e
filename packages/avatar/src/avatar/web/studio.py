"""The studio: one page for people, by hand, without a build step; it uses the API like any other client."""

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "studio"


def wanted(accept: str) -> bool:
    """Whether who sends that Accept header would rather have a page than JSON (RFC 9110, 12.5.1)."""
    page = _weight(accept, "text/html")
    return page > 0 and page >= _weight(accept, "application/json")


def files() -> StaticFiles:
    """What the page is made of. It is looked at anew each time, so that nobody keeps an old half."""
    return _Fresh(directory=FOLDER)


class _Fresh(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """With leave to keep the file, but not to use it unasked."""
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "no-cache"
        return answer


def _weight(accept: str, kind: str) -> float:
    """How much that kind is wanted by name, 0 to 1; what is only covered by a wildcard counts nothing."""
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name == kind:
            given = [value for key, _, value in (each.partition("=") for each in parameters) if key.strip() == "q"]
            try:
                return float(given[0]) if given else 1.0
            except ValueError:
                return 0.0
    return 0.0
