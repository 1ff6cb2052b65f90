"""The files of the page, held in memory: a browser asks for some sixty of them at once."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from spymaster.stream.errors import NotFoundError

_INDEX, _PREFIX = "index.html", "/static/"
_ASK_AGAIN = "no-cache"
# the address of a file changes with any of the files
_KEEP = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


class PageFiles:
    """Answers with the files of a folder as they were at the start.

    The page names its files below a folder that is called by the hash of all of them, so that
    browsers keep them for good and never mix two versions. Without the hash they are asked for
    again each time.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            str(path.relative_to(folder)): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.resolve().is_relative_to(folder.resolve())
        }
        whole = hashlib.sha256()
        for name, file in self._files.items():
            whole.update(f"{name} {len(file.body)}\n".encode() + file.body)
        self._version = whole.hexdigest()[:16]
        self._page = self._files.get(_INDEX)
        if self._page is not None:
            versioned = f"{_PREFIX}{self._version}/".encode()
            body = self._page.body.replace(_PREFIX.encode(), versioned)
            self._page = _File(body, self._page.media_type)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the page and its files."""
        return [
            Route("/", self._answer_with_page, methods=["GET"]),
            Route(_PREFIX + "{name:path}", self._answer_with_file, methods=["GET"]),
        ]

    async def _answer_with_page(self, request: Request) -> Response:
        if self._page is None:
            raise NotFoundError("/", "this installation has no page")
        return _answer(request, self._page, _ASK_AGAIN)

    async def _answer_with_file(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        version, _, rest = name.partition("/")
        is_versioned = version == self._version
        file = self._files.get(rest if is_versioned else name)
        if file is None:
            raise HTTPException(404)
        return _answer(request, file, _KEEP if is_versioned else _ASK_AGAIN)


def _read(path: Path) -> _File:
    media_type, _ = mimetypes.guess_type(path.name)
    return _File(path.read_bytes(), media_type or "application/octet-stream")


def _answer(request: Request, file: _File, cache_control: str) -> Response:
    headers = {"cache-control": cache_control, "etag": file.etag}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)
