"""Add an own level: the one request that writes, there with ``spymaster serve --allow-levels``."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import asdict

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from spymaster.levels.own import LevelExistsError, OwnLevel, add_level, own_level
from spymaster.stream import requests
from spymaster.stream.errors import RequestError, reason_of
from spymaster.stream.responses import NoStoreJSON

MAX_BODY_BYTES = 16_384
_BODY_WITHIN_S = 10.0
_FIELDS = ("symbol", "name", "price", "known_from")
_CLIENT_LEFT = 499


async def add(request: Request) -> Response:
    """Write a level into ``levels.csv`` as ``spymaster level add`` does, its price on a tick."""
    requests.known(request.query_params, "levels")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, "the body must be application/json")
    fields = _fields(await _body(request))
    level = await asyncio.to_thread(_add, request.app.state.levels_of, fields)
    return NoStoreJSON(asdict(level), 201)


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    raise HTTPException(413, f"the body has more than {MAX_BODY_BYTES} bytes")
    except TimeoutError:
        raise HTTPException(408, "the body did not come") from None
    except ClientDisconnect:
        raise HTTPException(_CLIENT_LEFT, "the client has left") from None
    return bytes(body)


def _fields(body: bytes) -> dict[str, str]:
    """Return the texts of a body, numbers as they are written.

    Raises:
        RequestError: It is no object of the four fields.
    """
    try:
        found = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise RequestError("the body", "is no JSON") from error
    if not isinstance(found, dict) or set(found) != set(_FIELDS):
        raise RequestError("the body", f"must be an object with {', '.join(_FIELDS)}")
    for name, value in found.items():
        if not isinstance(value, str):
            raise RequestError(name, "is no text")
    return found


def _add(lake: Lake, fields: dict[str, str]) -> OwnLevel:
    known_from = _moment(fields["known_from"])
    symbol, name, price = fields["symbol"], fields["name"], fields["price"]
    try:
        level = own_level(lake, symbol, name, price, known_from, None, "", snaps=True)
    except SpymasterError as error:
        raise RequestError(error.where, error.why, error.remedy) from error
    try:
        add_level(lake, level)
    except LevelExistsError as error:
        raise HTTPException(409, reason_of(error)) from error
    return level


def _moment(text: str) -> dt.datetime:
    """Return a moment in UTC.

    Raises:
        RequestError: It is no time in whole seconds with a zone.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None or moment.microsecond:
            raise ValueError
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise RequestError(
            f"known_from {text!r}",
            "is no time in whole seconds with a zone",
            "for example 2025-10-16T14:05:00Z",
        ) from error
