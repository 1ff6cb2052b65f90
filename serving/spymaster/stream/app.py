"""The application: routes, errors as JSON, limits on clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute, request_response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from spymaster.stream import endpoints, own_levels
from spymaster.stream.errors import RequestError, reason_of
from spymaster.stream.guard import Access, Guard
from spymaster.stream.live.news import AfterFirst, RunNews
from spymaster.stream.page import PageFiles
from spymaster.stream.protocols import abort_later
from spymaster.stream.publication import Publication
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.responses import NoStoreJSON
from spymaster.stream.session import say_goodbye, serve_session
from spymaster.stream.timing import Clock

PAGE = Path(str(files("spymaster"))) / "hud" / "static"
MAX_SESSIONS = 64
# answers in JSON that may wait: some ten screens open at once ask for so many
MAX_LISTS = 48
# large answers that may be in memory at once, explanations that may run or wait
MAX_LARGE_ANSWERS = 8
MAX_EXPLANATIONS = 4
MAX_LEVELS = 4
_TRY_AGAIN_LATER = 1013


def create_app(
    readers: ReaderPool,
    access: Access,
    clock: Clock,
    page: Path = PAGE,
    levels_of: Lake | None = None,
    news: RunNews | None = None,
) -> ASGIApp:
    """Return the application.

    Args:
        readers: the threads that read the published file.
        access: who may ask.
        clock: the clock of the stream.
        page: folder of the page's files.
        levels_of: lake to which the screen may add own levels; None for none.
        news: of a run that adds seconds to a contract-day; None without one.
    """
    app = Starlette(
        routes=[
            *PageFiles(page).routes(),
            Mount("/v1/hud", routes=_api(levels_of is not None)),
        ],
        exception_handlers={
            HTTPException: _say_http_error,
            SpymasterError: _say_error,
            Exception: _say_failure,
        },
        lifespan=_lifespan,
    )
    app.state.publication = Publication(readers, news)
    app.state.clock = clock
    app.state.sessions = 0
    app.state.levels_of = levels_of
    return Guard(app if news is None else AfterFirst(app, news), access)


def _api(may_add_levels: bool) -> list[Route | WebSocketRoute]:
    lists = _Places("lists", MAX_LISTS)
    large = _Places("large requests", MAX_LARGE_ANSWERS)
    explanations = _Places("explanations", MAX_EXPLANATIONS)
    add_level = _Limited(own_levels.add, _Places("levels", MAX_LEVELS))
    writing = [Route("/levels", add_level, methods=["POST"])] if may_add_levels else []
    return [
        Route("/health", endpoints.health),
        Route("/days", _Limited(endpoints.days, lists), methods=["GET"]),
        Route("/meta", _Limited(endpoints.describe, lists), methods=["GET"]),
        Route("/approaches", _Limited(endpoints.approaches, lists), methods=["GET"]),
        Route("/retests", _Limited(endpoints.retests, lists), methods=["GET"]),
        Route("/surfaces", _Limited(endpoints.surfaces, large), methods=["GET"]),
        Route("/bootstrap", _Limited(endpoints.bootstrap, large), methods=["GET"]),
        Route("/explain", _Limited(endpoints.explain, explanations), methods=["GET"]),
        WebSocketRoute("/stream", _stream),
        *writing,
    ]


@dataclass
class _Places:
    """How many requests of a kind may be under way, and how many are."""

    of: str
    most: int
    taken: int = 0


class _Limited:
    """An endpoint that takes only so many requests at a time."""

    def __init__(self, endpoint: Callable[[Request], Awaitable[Response]], places: _Places) -> None:
        self._app = request_response(endpoint)
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        places = self._places
        if places.taken >= places.most:
            refusal = NoStoreJSON({"reason": f"too many {places.of} at once; try again"}, 503)
            await refusal(scope, receive, send)
            return
        places.taken += 1
        try:
            await self._app(scope, receive, send)
        finally:
            places.taken -= 1


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    state = websocket.app.state
    if state.sessions >= MAX_SESSIONS:
        await say_goodbye(websocket, f"{MAX_SESSIONS} clients are connected", _TRY_AGAIN_LATER)
        return
    state.sessions += 1
    try:
        await serve_session(websocket, state.publication, state.clock)
    finally:
        state.sessions -= 1
        abort_later(websocket.scope)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    publication = app.state.publication
    watches = [asyncio.create_task(publication.watch())]
    if publication.news is not None:
        watches.append(asyncio.create_task(publication.news.watch()))
    yield
    for watch in watches:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _say_error(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RequestError) else 503
    return NoStoreJSON({"reason": reason_of(error)}, status)


async def _say_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (for the type checker)
    return NoStoreJSON({"reason": error.detail}, error.status_code)


async def _say_failure(request: Request, error: Exception) -> Response:
    return NoStoreJSON({"reason": reason_of(error)}, 500)
