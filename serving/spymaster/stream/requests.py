"""Parse and limit what a client asks for."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from spymaster_ingest.units import NS_PER_S

from spymaster.stream.bootstrap import MAX_TICKS, WINDOWS
from spymaster.stream.errors import NotFoundError, RequestError
from spymaster.stream.surfaces import COMPACT, FULL, LAYOUTS

MAX_WINDOWS = 3_600
# the rows that a screen has
_MOST_TICKS = 400
# most cells of a request: the whole screen, or as many of the full layout as weigh the same
_MOST_CELLS = {COMPACT: WINDOWS * (2 * _MOST_TICKS + 1), FULL: MAX_WINDOWS * (2 * MAX_TICKS + 1)}
MAX_SPEED = 1_000.0
_LARGEST_NS = 2**63 - 1
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.: -]{0,31}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)

Parameters = Mapping[str, str]
_OF_A_DAY = ("symbol", "dt")
_OF_SURFACES = (*_OF_A_DAY, "layout", "max_ticks")
# parameters by endpoint; `explain` checks its own
PARAMETERS = {
    "health": (),
    "days": (),
    "levels": (),
    "meta": _OF_A_DAY,
    "approaches": (*_OF_A_DAY, "until_ts_ns"),
    "retests": (*_OF_A_DAY, "until_ts_ns"),
    "surfaces": (*_OF_SURFACES, "surface", "start_ts_ns", "end_ts_ns"),
    "bootstrap": (*_OF_SURFACES, "surfaces", "end_ts_ns", "windows"),
    "stream": (*_OF_SURFACES, "surfaces", "start_ts_ns", "speed", "follow", "paused"),
}


@dataclass(frozen=True)
class Query:
    """What a request for surfaces names.

    Attributes:
        symbol: raw symbol.
        day: UTC date.
        surfaces: names in the order given; empty for those of the layout.
        layout: ``full`` or ``compact``.
        max_ticks: largest distance from spot.
    """

    symbol: str
    day: dt.date
    surfaces: tuple[str, ...]
    layout: str
    max_ticks: int

    def limit(self, windows: int) -> None:
        """Raise a RequestError if the windows times the ticks are too many to send."""
        most = _MOST_CELLS[self.layout]
        if windows * (2 * self.max_ticks + 1) > most:
            raise RequestError(
                f"{windows} seconds of {self.max_ticks} ticks around spot",
                f"are more than {most} cells of layout {self.layout}",
                "ask for fewer",
            )


def known(parameters: Parameters, endpoint: str) -> Parameters:
    """Return the parameters of a request.

    Raises:
        RequestError: The endpoint has no such parameter.
    """
    names = PARAMETERS[endpoint]
    for name in parameters:
        if name not in names:
            use = f"it has {', '.join(names)}" if names else "it has none"
            raise RequestError(repr(name[:32]), f"is no parameter of {endpoint}", use)
    return parameters


def contract_day(parameters: Parameters) -> tuple[str, dt.date]:
    """Return symbol and day of a request.

    Raises:
        RequestError: One is missing, or the day is no date.
        NotFoundError: There can be no such symbol.
    """
    symbol, day = _required(parameters, "symbol"), _required(parameters, "dt")
    if not _SYMBOL.fullmatch(symbol):
        raise NotFoundError(repr(symbol[:32]), "there is no such contract")
    try:
        if not _DAY.fullmatch(day):
            raise ValueError
        return symbol, dt.date.fromisoformat(day)
    except ValueError as error:
        raise RequestError(f"dt={day[:32]!r}", "is no date such as 2025-10-01") from error


def query(parameters: Parameters) -> Query:
    """Return what a request for surfaces names.

    Raises:
        RequestError: A parameter is missing or cannot be read.
        NotFoundError: There can be no such symbol.
    """
    symbol, day = contract_day(parameters)
    layout = parameters.get("layout", FULL)
    if layout not in LAYOUTS:
        raise RequestError(f"layout={layout[:32]!r}", "is no layout", f"use {' or '.join(LAYOUTS)}")
    named = (name.strip() for name in parameters.get("surfaces", "").split(","))
    max_ticks = integer(parameters, "max_ticks", MAX_TICKS, 0, _MOST_TICKS)
    return Query(symbol, day, tuple(filter(None, named)), layout, max_ticks)


def integer(parameters: Parameters, name: str, default: int, least: int, most: int) -> int:
    """Return a whole number.

    Raises:
        RequestError: It is no number, or out of its range.
    """
    text = parameters.get(name)
    if text is None:
        return default
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise RequestError(f"{name}={text[:32]!r}", f"must be a number from {least} to {most}")
    return int(text)


def nanoseconds(parameters: Parameters, name: str) -> int:
    """Return a time in ns since 1970.

    Raises:
        RequestError: It is missing or no such time.
    """
    _required(parameters, name)
    return integer(parameters, name, 0, 0, _LARGEST_NS)


def at_or_after(ns: int) -> int:
    """Return the end of the first window not before a time, in seconds since 1970."""
    return -(-ns // NS_PER_S)


def seconds(parameters: Parameters) -> range:
    """Return the ends of the windows of a half-open range, in seconds since 1970.

    Raises:
        RequestError: A bound is missing, the end is not after the start, or the range too long.
    """
    start_ns, end_ns = (nanoseconds(parameters, name) for name in ("start_ts_ns", "end_ts_ns"))
    if end_ns <= start_ns:
        raise RequestError("end_ts_ns", "must be after start_ts_ns")
    start, end = at_or_after(start_ns), at_or_after(end_ns)
    if end - start > MAX_WINDOWS:
        raise RequestError(f"{end - start} seconds", f"are more than {MAX_WINDOWS}")
    return range(start, end)


def speed(value: object) -> float:
    """Return how many seconds of the day pass in one, 0 for no waiting.

    Raises:
        RequestError: It is no number from 0 to the largest.
    """
    try:
        if isinstance(value, int | float) or (isinstance(value, str) and "_" not in value):
            number = float(value)
        else:
            number = math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not 0 <= number <= MAX_SPEED:
        raise RequestError("speed", f"must be a number from 0 to {MAX_SPEED:g}")
    return number


def flag(parameters: Parameters, name: str) -> bool:
    """Return whether a parameter is 1, and not 0 or missing.

    Raises:
        RequestError: It is something else.
    """
    return integer(parameters, name, 0, 0, 1) == 1


def _required(parameters: Parameters, name: str) -> str:
    if not parameters.get(name):
        raise RequestError(name, "is missing")
    return parameters[name]
