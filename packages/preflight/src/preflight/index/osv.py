"""Known vulnerabilities from a service that speaks OSV's protocol (https://google.github.io/osv.dev/api/)."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from preflight.errors import IndexDown
from preflight.index.cache import PAGE_AGE, Cache
from preflight.index.transport import Transport
from preflight.model import Advisory

MOST_QUERIES = 500  # the protocol allows 1,000 in one request
MOST_DETAILS = 60
Release = tuple[str, str]


def advisories(
    transport: Transport, cache: Cache, base: str, releases: Iterable[Release], as_of: datetime | None
) -> dict[Release, list[Advisory]]:
    """What is known against each release, published by `as_of`. Raises IndexDown when the service does not tell."""
    asked = sorted(set(releases))
    found: dict[Release, list[str]] = {}
    for start in range(0, len(asked), MOST_QUERIES):
        some = asked[start : start + MOST_QUERIES]
        for release, result in zip(some, _batch(transport, cache, base, some), strict=True):
            found[release] = [each["id"] for each in result.get("vulns", [])]
    ids = sorted({each for some in found.values() for each in some})
    if len(ids) > MOST_DETAILS:
        raise IndexDown(f"there are {len(ids)} of them, and {MOST_DETAILS} are read at most")
    details = {each: _get(transport, cache, f"{base}/v1/vulns/{each}") for each in ids}
    return {
        release: [told for each in some if (told := _told(details[each], release[0], as_of))]
        for release, some in found.items()
    }


def _batch(transport: Transport, cache: Cache, base: str, some: list[Release]) -> list[dict[str, Any]]:
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in some]
    answer = _get(transport, cache, f"{base}/v1/querybatch", json.dumps({"queries": queries}))
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != len(some):
        raise IndexDown("the advisory service answers with something that is not OSV's protocol")
    if any(each.get("next_page_token") for each in results):
        raise IndexDown("the advisory service has more pages than are read")
    return results


def _get(transport: Transport, cache: Cache, url: str, body: str = "") -> dict[str, Any]:
    kept = cache.get(f"{url} {body}", PAGE_AGE)
    if kept is None and cache.offline:
        raise IndexDown("the advisory service was not asked before, and --offline asks nobody")
    try:
        status, data = (200, kept[0]) if kept else transport.post(url, body) if body else transport.get(url)
    except IndexDown as error:
        raise IndexDown(error.message.replace("the index", "the advisory service"), error.hint) from error
    try:
        plain = json.loads(data) if status == 200 else None
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        raise IndexDown(f"the advisory service answers with status {status}, and not with OSV's protocol")
    if kept is None:
        cache.put(f"{url} {body}", data)
    return plain


def _told(plain: dict[str, Any], name: str, as_of: datetime | None) -> Advisory | None:
    """An advisory, unless it was withdrawn, or published later than the audit's day."""
    published = str(plain.get("published", ""))[:10]
    if plain.get("withdrawn") or (as_of and published > as_of.date().isoformat()):
        return None
    affected = [each for each in plain.get("affected", []) if _about(each, name)]
    events = [event for each in affected for some in each.get("ranges", []) for event in some.get("events", [])]
    fixed = tuple(dict.fromkeys(event["fixed"] for event in events if _is_version(event.get("fixed"))))
    return Advisory(str(plain.get("id", "")), str(plain.get("summary", "")), published, fixed)


def _is_version(text: object) -> bool:
    """A range may also speak of commits."""
    try:
        Version(str(text))
    except InvalidVersion:
        return False
    return True


def _about(affected: dict[str, Any], name: str) -> bool:
    return canonicalize_name(affected.get("package", {}).get("name", "")) == name
