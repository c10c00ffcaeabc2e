"""HTTP to an index: whole pages, and byte ranges of files. Foreign exceptions become IndexDown here."""

import netrc
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.util import Retry, Timeout, make_headers

from preflight.errors import IndexDown

MOST_BYTES = 64_000_000
JSON = "application/vnd.pypi.simple.v1+json"
# PEP 691 and 503: an index that has nothing newer than HTML gives that.
PAGE = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"


class Transport:
    """A pool of connections, with the user's certificates, proxies and passwords."""

    def __init__(
        self, certificates: str | None, credentials: dict[str, tuple[str, str]], timeout: float = 15.0
    ) -> None:
        self._certificates = certificates
        self._credentials = credentials
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._timeout = Timeout(connect=timeout, read=timeout)

    def _pool(self, url: str) -> urllib3.PoolManager:
        """The pool for an address: through the user's proxy, where one is set for it."""
        parts = urlsplit(url)
        proxy = urllib.request.getproxies().get(parts.scheme, "")
        proxy = "" if urllib.request.proxy_bypass(parts.hostname or "") else proxy
        if proxy not in self._pools:
            self._pools[proxy] = self._opened(proxy)
        return self._pools[proxy]

    def _opened(self, proxy: str) -> urllib3.PoolManager:
        retries = Retry(total=2, backoff_factor=0.3, status_forcelist=(502, 503, 504), raise_on_status=False)
        options = {
            "ca_certs": self._certificates,
            "retries": retries,
            "timeout": self._timeout,
            "maxsize": 16,
            "block": False,
        }
        return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)  # type: ignore[arg-type]

    def get(self, url: str, accept: str = "*/*", most: int = MOST_BYTES) -> tuple[int, bytes]:
        """Status and body. Raises IndexDown when there is no answer, or one larger than `most` bytes."""
        return self._ask(url, {"Accept": accept}, most)

    def post(self, url: str, body: str) -> tuple[int, bytes]:
        """Status and answer to a JSON body. Raises IndexDown."""
        with self._answer(url, {"Content-Type": "application/json"}, body.encode()) as answer:
            return answer.status, _body(answer, MOST_BYTES)

    def range(self, url: str, first: int, last: int) -> bytes:
        """Bytes `first` to `last` of a file, `last` included. Raises IndexDown when the server gives anything else."""
        wanted = last - first + 1
        with self._answer(url, {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}) as answer:
            body = _body(answer, wanted)
            status = answer.status
        if status != 206 or len(body) != wanted:
            raise IndexDown(f"a byte range was asked for, and the answer was status {status} with {len(body)} bytes")
        return body

    def size(self, url: str) -> int:
        """How long a file is, by asking for its first byte. Raises IndexDown from a server without byte ranges."""
        with self._answer(url, {"Range": "bytes=0-0", "Accept-Encoding": "identity"}) as answer:
            total = re.fullmatch(r"bytes \d+-\d+/(\d+)", answer.headers.get("Content-Range", ""))
            if answer.status != 206 or not total:
                raise IndexDown(f"a byte range was asked for, and the answer was status {answer.status}")
            _body(answer, 1)
        return int(total[1])

    @contextmanager
    def stream(self, url: str) -> Iterator[IO[bytes]]:
        """A file as it comes in. Raises IndexDown when it is not there; and while it is read, what urllib3 raises."""
        with self._answer(url, {"Accept-Encoding": "identity"}) as answer:
            if answer.status != 200:
                raise IndexDown(f"a file was asked for, and the answer was status {answer.status}")
            yield cast("IO[bytes]", answer)
            answer.close()

    def _ask(self, url: str, headers: dict[str, str], most: int) -> tuple[int, bytes]:
        with self._answer(url, headers) as answer:
            body = _body(answer, most)
            status = answer.status
        if status < 400 and len(body) > most:
            raise IndexDown(f"an answer is larger than the {most:,} bytes that are read")
        return status, body

    @contextmanager
    def _answer(
        self, url: str, headers: dict[str, str], sent: bytes | None = None
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        bare, login = self._login(url)
        try:
            with self._pool(bare).request(
                "GET" if sent is None else "POST", bare, body=sent, headers={**headers, **login}, preload_content=False
            ) as answer:
                if answer.status >= 500 or answer.status in {401, 403, 407, 429}:
                    answer.close()
                    what_now = "log in" if answer.status in {401, 403, 407} else "try again later"
                    raise IndexDown(f"the index answers with status {answer.status}", what_now)
                yield answer
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise IndexDown(f"the index does not answer ({type(error).__name__})", "is the network up?") from error

    def _login(self, url: str) -> tuple[str, dict[str, str]]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        bare = without_login(url)
        login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        login = login or self._credentials.get(host)
        return bare, make_headers(basic_auth=":".join(login)) if login else {}


def _body(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """The body, or one byte more than `most` of it, whatever its compression claims."""
    body = answer.read(most + 1, decode_content=True)
    answer.drain_conn() if len(body) <= most else answer.close()
    return body


def credentials(urls: tuple[str, ...], file: str | None = None) -> dict[str, tuple[str, str]]:
    """Logins by host, from the addresses themselves and from the user's netrc."""
    found: dict[str, tuple[str, str]] = {}
    for url in urls:
        parts = urlsplit(url)
        if not parts.hostname:
            continue
        if parts.username:
            found[parts.hostname] = (unquote(parts.username), unquote(parts.password or ""))
            continue
        try:
            known = netrc.netrc(file).authenticators(parts.hostname)
        except (OSError, netrc.NetrcParseError):
            known = None
        if known:
            found[parts.hostname] = (known[0] or "", known[2] or "")
    return found


def without_login(url: str) -> str:
    """The address without a user and a password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def absolute(page: str, url: str) -> str:
    """A file's address, which a page may give relative to itself."""
    return url if url.startswith(("https://", "http://")) else urljoin(page, url)
