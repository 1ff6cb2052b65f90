"""Answers of the server: JSON, and large bodies that a slow client cannot hold for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from spymaster.stream.frames import MEDIA_TYPE, Frame
from spymaster.stream.protocols import cut

BOUNDARY = "spymaster-surface-7f1d0f0a4c2e4b6d"
_PIECE_BYTES = 1 << 16
# longest time to take a piece
_PROGRESS_WITHIN_S = 10.0


class NoStoreJSON(JSONResponse):
    """JSON that no cache keeps."""

    def __init__(self, content: object, status_code: int = 200) -> None:
        super().__init__(content, status_code, headers={"cache-control": "no-store"})


class ArrowResponse(Response):
    """A large body; a client that stops to take it is dropped."""

    def __init__(
        self, body: list[bytes], media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Prepare an answer.

        Args:
            body: parts of the body.
            media_type: media type of the whole.
            headers: more headers.
        """
        super().__init__(media_type=media_type, headers={"cache-control": "no-store"})
        self._pieces = body
        self.headers["content-length"] = str(sum(map(len, body)))
        self.headers.update(headers or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body in pieces; cut the connection of a client that takes none for a while."""
        try:
            for message in self._messages(scope["method"] == "GET"):
                async with asyncio.timeout(_PROGRESS_WITHIN_S):
                    await send(message)
        except TimeoutError:
            await cut(scope, receive)

    def _messages(self, has_body: bool) -> Iterator[Message]:
        yield {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        for body in self._pieces if has_body else ():
            for start in range(0, len(body), _PIECE_BYTES):
                piece = body[start : start + _PIECE_BYTES]
                yield {"type": "http.response.body", "body": piece, "more_body": True}
        yield {"type": "http.response.body", "body": b"", "more_body": False}


def surface_response(frame: Frame) -> ArrowResponse:
    """Return the answer with one surface."""
    return ArrowResponse([frame.payload], MEDIA_TYPE, {"X-HUD-Rows": str(frame.rows)})


def bootstrap_response(frames: dict[str, Frame], headers: Mapping[str, str]) -> ArrowResponse:
    """Return the answer with a part for each surface, named by it."""
    body: list[bytes] = []
    for name, frame in frames.items():
        body += [
            (
                f"--{BOUNDARY}\r\n"
                f'Content-Disposition: inline; name="{name}"\r\n'
                f"Content-Type: {MEDIA_TYPE}\r\n"
                f"Content-Length: {len(frame.payload)}\r\n\r\n"
            ).encode(),
            frame.payload,
            b"\r\n",
        ]
    body.append(f"--{BOUNDARY}--\r\n".encode())
    return ArrowResponse(body, f'multipart/mixed; boundary="{BOUNDARY}"', headers)
