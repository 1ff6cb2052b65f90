"""Wait for an answer as long as someone wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

Answer = TypeVar("Answer")
# the status that web servers log for a client that left; nobody reads it
_CLIENT_LEFT = 499


async def while_connected(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what some work gives; a client that leaves, or the end of the server, cancels it.

    Raises:
        HTTPException: The client left, or the server stops.
    """
    asked = asyncio.create_task(work)
    left = asyncio.create_task(_until_left(request))
    try:
        await asyncio.wait((asked, left), return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return asked.result()
        raise HTTPException(_CLIENT_LEFT, "the client has left")
    except asyncio.CancelledError:
        raise HTTPException(503, "the server stops") from None
    finally:
        asked.cancel()
        left.cancel()


async def _until_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
