"""The HTTP endpoints below ``/v1/hud``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S
from starlette.requests import Request
from starlette.responses import Response

from spymaster.published import NotPublishedError
from spymaster.stream import meta, requests
from spymaster.stream.bootstrap import WINDOWS, chosen_surfaces
from spymaster.stream.errors import NotFoundError, RequestError
from spymaster.stream.frames import Frame, encode
from spymaster.stream.publication import Publication
from spymaster.stream.reader import ContractDay, SurfaceReader
from spymaster.stream.reader_pool import Answer, Query
from spymaster.stream.responses import NoStoreJSON, bootstrap_response, surface_response
from spymaster.stream.surfaces import SURFACES
from spymaster.stream.turns import Client
from spymaster.stream.waiting import while_connected

# contract-day, windows and frames by surface
_Picture = tuple[ContractDay, range, dict[str, Frame]]


def _publication(request: Request) -> Publication:
    return request.app.state.publication


async def _read(request: Request, client: Client, query: Query[Answer]) -> Answer:
    """Return what a query gives when it is its turn, unless who asked leaves before."""
    work = _publication(request).readers.ask(query, client)
    return await while_connected(request, work)


async def health(request: Request) -> Response:
    """Say that the server runs and can read the published file."""
    requests.known(request.query_params, "health")
    publication = _publication(request)
    await _read(request, publication.checks, lambda reader: None)
    return NoStoreJSON({"status": "ok"})


async def days(request: Request) -> Response:
    """List the built contract-days."""
    requests.known(request.query_params, "days")
    return NoStoreJSON(await _read(request, _publication(request).lists, meta.days))


async def describe(request: Request) -> Response:
    """Describe a contract-day."""
    symbol, day = requests.contract_day(requests.known(request.query_params, "meta"))
    may_add_levels = request.app.state.levels_of is not None
    found = await _read(
        request,
        _publication(request).lists,
        lambda reader: meta.meta(reader, reader.contract_day(symbol, day), may_add_levels),
    )
    return NoStoreJSON(found)


async def approaches(request: Request) -> Response:
    """List the approaches of a contract-day; outcomes that are not known yet stay hidden."""
    return await _listed(request, "approaches", meta.approaches)


async def retests(request: Request) -> Response:
    """List the breaks of levels of a contract-day; steps that are not known yet stay hidden."""
    return await _listed(request, "retests", meta.retests)


async def _listed(
    request: Request,
    endpoint: str,
    list_: Callable[[SurfaceReader, ContractDay, int | None], list[meta.Document]],
) -> Response:
    parameters = requests.known(request.query_params, endpoint)
    symbol, day = requests.contract_day(parameters)
    until_ns = (
        requests.nanoseconds(parameters, "until_ts_ns") if "until_ts_ns" in parameters else None
    )

    def read(reader: SurfaceReader) -> list[meta.Document]:
        of = reader.contract_day(symbol, day)
        return list_(reader, of, reader.known_ns(of, until_ns))

    return NoStoreJSON(await _read(request, _publication(request).lists, read))


async def surfaces(request: Request) -> Response:
    """Send one surface of a half-open range of windows."""
    parameters = requests.known(request.query_params, "surfaces")
    query = requests.query(parameters)
    windows = requests.seconds(parameters)
    query.limit(len(windows))
    name = parameters.get("surface")
    if not name:
        raise RequestError("surface", "is missing")

    def read(reader: SurfaceReader) -> Frame:
        of = reader.contract_day(query.symbol, query.day)
        rows = reader.read(name, query.layout, of, windows, query.max_ticks)
        return encode(rows, query.layout)

    return surface_response(await _read(request, _publication(request).surfaces, read))


async def bootstrap(request: Request) -> Response:
    """Send the last windows of the surfaces."""
    parameters = requests.known(request.query_params, "bootstrap")
    query = requests.query(parameters)
    count = requests.integer(parameters, "windows", WINDOWS, 1, requests.MAX_WINDOWS)
    query.limit(count)
    end_s = None
    if "end_ts_ns" in parameters:
        end_s = requests.nanoseconds(parameters, "end_ts_ns") // NS_PER_S

    def steps(reader: SurfaceReader) -> Generator[None, None, _Picture]:
        of = reader.contract_day(query.symbol, query.day)
        windows = of.last_windows(end_s, count)
        if not windows:
            raise RequestError("end_ts_ns", "lies before the first window of the contract-day")
        chosen = chosen_surfaces(reader, query.surfaces, query.layout)
        frames = {}
        for name in chosen:
            newest = SURFACES[name].newest(windows)
            rows = reader.read(name, query.layout, of, newest, query.max_ticks)
            frames[name] = encode(rows, query.layout)
            yield
        return of, windows, frames

    publication = _publication(request)
    work = publication.readers.ask_in_steps(steps, publication.surfaces)
    of, windows, frames = await while_connected(request, work)
    headers = {
        "X-HUD-Symbol": of.symbol,
        "X-HUD-Dt": str(of.day),
        "X-HUD-Start-Ts-Ns": str(windows[0] * NS_PER_S),
        "X-HUD-End-Ts-Ns": str(windows[-1] * NS_PER_S),
        "X-HUD-Windows": str(len(windows)),
    }
    return bootstrap_response(frames, headers)


async def explain(request: Request) -> Response:
    """Explain one cell: the query it comes from, and the records behind it."""
    # imported late: it parses SQL
    from spymaster.explain import explain_cell

    values = dict(request.query_params)

    def explain_it(reader: SurfaceReader) -> dict[str, Any]:
        _refuse_what_goes_on(reader, values)
        try:
            return explain_cell(reader.connection, values)
        except NotPublishedError as error:
            raise NotFoundError(error.where, error.why, error.remedy) from error
        except SpymasterError as error:
            raise RequestError(error.where, error.why, error.remedy) from error

    return NoStoreJSON(await _read(request, _publication(request).explanations, explain_it))


def _refuse_what_goes_on(reader: SurfaceReader, values: dict[str, str]) -> None:
    """Refuse to explain a cell of a day that is not built.

    Raises:
        RequestError: Seconds are still added to its contract-day.
    """
    try:
        day = dt.date.fromisoformat(values.get("dt", ""))
    except ValueError:
        # which explaining it says
        return
    symbol = values.get("symbol", "")
    if reader.is_live(symbol, day):
        raise RequestError(f"{symbol} {day}", "is explained once it is built, not while it runs")
