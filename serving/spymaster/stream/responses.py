"""Answers of the server: JSON, and large bodies that a slow client cannot hold for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from spymaster.stream.frames import MEDIA_TYPE, Frame

BOUNDARY = "spymaster-surface-7f1d0f0a4c2e4b6d"
_PIECE_BYTES = 1 << 18
# longest time to take a whole body
_SEND_WITHIN_S = 60.0


class NoStoreJSON(JSONResponse):
    """JSON that no cache keeps."""

    def __init__(self, content: object, status_code: int = 200) -> None:
        super().__init__(content, status_code, headers={"cache-control": "no-store"})


class ArrowResponse(Response):
    """A large body; a client that does not take it in time is dropped."""

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
        """Send the body in pieces.

        Raises:
            TimeoutError: The client does not read; its connection is closed.
        """
        async with asyncio.timeout(_SEND_WITHIN_S):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for body in self._pieces if scope["method"] == "GET" else ():
                for start in range(0, len(body), _PIECE_BYTES):
                    piece = body[start : start + _PIECE_BYTES]
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


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
