"""HTTP/1.1 as uvicorn speaks it with llhttp, with a limit on what stands before a body."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536
"""Bytes of an address and its headers."""

_READ = 2**18
"""Bytes that asyncio reads at once: so much of what came before can be in the same piece."""


class Bounded(HttpToolsProtocol):
    """A connection. The parser would keep whatever comes until the head of a request ends."""

    _length = 0
    _waited = 0
    _in_head = False

    def data_received(self, data: bytes) -> None:
        """What came; 400 where the head does not end in it, nor soon enough."""
        super().data_received(data)
        if self._in_head:
            self._waited += len(data)
            if self._waited > LONGEST_HEAD + _READ and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._length, self._waited, self._in_head = 0, 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of its address."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        self._grow(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its body begins."""
        self._in_head = False
        super().on_headers_complete()

    def _grow(self, length: int) -> None:
        self._length += length
        if self._length > LONGEST_HEAD:
            raise ValueError("the head is too long")  # whatever a callback raises is answered with 400
