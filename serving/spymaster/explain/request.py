"""What is asked: one value of one row of a published relation."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.explain.catalogue import STEPS, Catalogue
from spymaster.published import NotPublishedError

# relations of a surface; `levels` joins two
SURFACES = {
    "snap": ("silver.book_snapshot_1s",),
    "wall": ("silver.wall_surface_1s",),
    "vacuum": ("silver.vacuum_surface_1s",),
    "radar": ("silver.radar_vacuum_1s",),
    "physics": ("silver.physics_bands_1s",),
    "physics_surface": ("silver.physics_surface_1s",),
    "gex": ("silver.gex_surface_1s",),
    "levels": ("silver.level_offset_1s", "silver.levels_1s"),
    "pressure": ("gold.mbo_pressure_stream",),
    "trades": ("steps.contract_trades",),
    "turns": ("gold.conditions_in_use_1s",),
    "odds": ("gold.retrieval_outcomes",),
    "signals": ("gold.mbo_trigger_signals",),
    "strikes": ("silver.option_physics_1s",),
    "gex_summary": ("silver.gex_summary_1s",),
    "scores": (
        "gold.break_score_1s",
        "silver.barrier_engine_1s",
        "silver.tape_engine_1s",
        "silver.fuel_engine_1s",
    ),
    "level_signals": ("gold.level_signals",),
}
_NUMBERS = ("window_end_ts_ns", "price_int", "strike_price_int")
_TEXTS = ("symbol", "level_id", "horizon_id")
_PARAMETERS = ("dt", "surface", "relation", "column", "side", *_NUMBERS, *_TEXTS)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LARGEST = 2**63 - 1
_LONGEST = 100


@dataclass(frozen=True)
class CellRequest:
    """One value of one row; None where the row has no such key.

    ``window_end_ns`` is ns UTC since 1970, prices are in 1e-9 points, ``side`` is A or B.
    ``keys`` holds other columns of the relation's key, as text.
    """

    relation: str
    column: str
    symbol: str
    day: dt.date
    window_end_ns: int
    price_int: int | None = None
    side: str | None = None
    level_id: str | None = None
    strike_price_int: int | None = None
    horizon_id: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def window_end_ts(self) -> dt.datetime:
        """End of the window, naive UTC."""
        return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=self.window_end_ns // 1000)


def read_request(catalogue: Catalogue, values: Mapping[str, object]) -> CellRequest:
    """Return the request that names and values describe, checked against the published file.

    Args:
        catalogue: of the published file.
        values: parameters of ``GET /v1/hud/explain``, as text or as numbers; NULL and missing are
            the same. ``surface`` or ``relation`` names the relation, with or without its schema.
            Any other column of the relation's key is a parameter too, e.g. ``level_tick``.

    Raises:
        SpymasterError: A parameter is unknown, missing or no such value; or there is no such
            relation or column.
    """
    given = {name: value for name, value in values.items() if value is not None}
    for name in ("symbol", "dt", "column", "window_end_ts_ns"):
        if name not in given:
            raise SpymasterError(name, "is missing", "an explanation needs it")
    numbers = {name: _number(name, given.get(name)) for name in _NUMBERS}
    column = _text(given["column"])
    relation = _relation(catalogue, given, column)
    parameters = tuple(dict.fromkeys((*_PARAMETERS, *catalogue.keys(relation))))
    for name in given:
        if name not in parameters:
            raise SpymasterError(_text(name), "is not a parameter", ", ".join(parameters))
    return CellRequest(
        relation=relation,
        column=_known("column", column, catalogue.columns(relation), relation),
        day=_date(given["dt"]),
        side=_side(given.get("side")),
        window_end_ns=_whole_second(numbers["window_end_ts_ns"]),
        price_int=numbers["price_int"],
        strike_price_int=numbers["strike_price_int"],
        symbol=_text(given["symbol"]),
        **{name: _text(given[name]) for name in _TEXTS[1:] if name in given},
        keys={name: _text(given[name]) for name in given if name not in _PARAMETERS},
    )


def _relation(catalogue: Catalogue, given: Mapping[str, object], column: str) -> str:
    there = catalogue.relations
    if "relation" in given:
        name = _text(given["relation"])
        step = f"{STEPS}.{name.rpartition('.')[2]}"
        named = [one for one in there if name in (one, one.partition(".")[2]) or one == step]
        if named:
            return named[0]
        return _known("relation", name, there, "the published file", list(SURFACES))
    if "surface" not in given:
        raise SpymasterError("surface", "is missing", "name a surface or a relation")
    surface = _known("surface", _text(given["surface"]), SURFACES, "the contract")
    for relation in SURFACES[surface]:
        if relation not in there:
            raise NotPublishedError(
                relation, "is not in the published file", "run `spymaster build`"
            )
        if column in catalogue.columns(relation):
            return relation
    return SURFACES[surface][0]


def _known(
    kind: str, name: str, names: Iterable[str], where: str, instead: list[str] | None = None
) -> str:
    """Return a name that exists; the error names those that are like it, or others."""
    there = list(names)
    if name in there:
        return name
    near = difflib.get_close_matches(name, there, n=3, cutoff=0.6)
    listed = (
        f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(instead or there)}"
    )
    raise NotPublishedError(f"{kind} {name!r}", f"is not in {where}", listed)


def _text(value: object) -> str:
    text = str(value)
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise SpymasterError(
            repr(text[:_LONGEST]), "is not a name", "names are short and printable"
        )
    return text


def _number(name: str, value: object) -> int | None:
    if value is None:
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = None
    if number is None or abs(number) > _LARGEST or isinstance(value, float):
        raise SpymasterError(f"{name} {str(value)[:_LONGEST]!r}", "is not a whole number")
    return number


def _whole_second(window_end_ns: Any) -> int:
    if window_end_ns % NS_PER_S or not window_end_ns > 0:
        raise SpymasterError(
            f"window_end_ts_ns {window_end_ns}", "is not the end of a second", "in ns since 1970"
        )
    return window_end_ns


def _date(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        if not _DAY.fullmatch(str(value)):
            raise ValueError
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise SpymasterError(
            f"dt {str(value)[:_LONGEST]!r}", "is not a date such as 2025-10-16"
        ) from None


def _side(value: object) -> str | None:
    if value is None or value in ("A", "B"):
        return value if value is None else str(value)
    raise SpymasterError(f"side {str(value)[:_LONGEST]!r}", "is not A (asks) or B (bids)")
