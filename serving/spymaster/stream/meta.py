"""What the HTTP endpoints say of a contract-day as JSON; nanoseconds are texts there."""

from __future__ import annotations

import hashlib
from typing import Any

from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

from spymaster.card.sentences import short_record_sentence
from spymaster.levels.read import read_placebos, read_records
from spymaster.published import Row
from spymaster.stream.errors import NotFoundError
from spymaster.stream.reader import ContractDay, SurfaceReader
from spymaster.stream.surfaces import SURFACES

Document = dict[str, Any]
_APPROACHES = (
    "gold.approach_episodes",
    "gold.level_outcomes",
    "gold.retrieval_settings",
    "silver.level_decisions",
    "silver.levels_1s",
)
_RETESTS = ("gold.retest_events",)


def days(reader: SurfaceReader) -> list[Document]:
    """Return the built contract-days."""
    return [_with_texts(row) | {"dt": str(row["dt"])} for row in reader.days()]


def meta(reader: SurfaceReader, of: ContractDay, may_add_levels: bool = False) -> Document:
    """Return what a screen needs before it asks for surfaces.

    Args:
        reader: open published file.
        of: contract-day.
        may_add_levels: whether the screen may add own levels.
    """
    found = reader.remembered.get(("meta", of), lambda: _meta(reader, of))
    return found | {"may_add_levels": may_add_levels, "is_live": reader.is_live(of.symbol, of.day)}


def _meta(reader: SurfaceReader, of: ContractDay) -> Document:
    absent = {
        name: missing for name, surface in SURFACES.items() if (missing := reader.missing(surface))
    }
    placebos = read_placebos(reader.connection, reader.relations, of.symbol)
    spans = _rows(reader, of, ("silver.wall_surface_1s",), "wall_span")
    wall = spans[0] if spans else {"first_ns": None, "last_ns": None}
    return {
        "symbol": of.symbol,
        "dt": str(of.day),
        "local_tz": reader.clock.zone.key,
        "city": reader.clock.city,
        "first_window_end_ts_ns": str(of.first_s * NS_PER_S),
        "last_window_end_ts_ns": str(of.last_s * NS_PER_S),
        "seconds": len(of.windows),
        "base_ts_ns": str(of.base_s * NS_PER_S),
        "tick_int": of.tick_int,
        "tick_size": of.tick_int / PRICE_SCALE,
        "point_value": _value(reader, of, "reference.instruments", "instrument", "point_value"),
        "calibration_mode": _value(
            reader, of, "steps.physics_calibration_modes", "calibration_mode", "calibration_mode"
        ),
        "wall_first_window_end_ts_ns": _text(wall["first_ns"]),
        "wall_last_window_end_ts_ns": _text(wall["last_ns"]),
        "open_window_end_ts_ns": _text(
            _value(reader, of, "silver.levels_1s", "session_open", "open_ns")
        ),
        "levels": [
            row["level_id"] for row in _rows(reader, of, ("silver.levels_1s",), "level_ids")
        ],
        "records": [
            {
                "level_id": level_id,
                "direction": direction,
                "words": short_record_sentence(row, placebos.get(level_id)),
            }
            for (level_id, direction), row in sorted(
                read_records(reader.connection, reader.relations, of.symbol, of.day).items()
            )
        ],
        "surfaces": {
            name: {
                "relation": surface.relations[0],
                "has_ticks": surface.has_ticks,
                "schema_sha256": {
                    layout: schema_sha256(reader, of, name, layout) for layout in surface.layouts
                },
            }
            for name, surface in SURFACES.items()
            if name not in absent
        },
        "absent": absent,
    }


def approaches(reader: SurfaceReader, of: ContractDay, until_ns: int | None) -> list[Document]:
    """Return the approaches of a contract-day.

    Args:
        reader: open published file.
        of: contract-day.
        until_ns: moment that the screen shows; what is known later is hidden. None hides nothing.

    Raises:
        NotFoundError: The build left out what they come from.
    """
    for relation in _APPROACHES:
        if relation not in reader.relations:
            raise NotFoundError("approaches", f"{relation} is not in the published file")
    found = reader.remembered.get(
        ("approaches", of), lambda: _rows(reader, of, _APPROACHES, "approaches")
    )
    return [_hide_future(dict(row), until_ns) for row in found]


def retests(reader: SurfaceReader, of: ContractDay, until_ns: int | None) -> list[Document]:
    """Return the breaks of levels of a contract-day and their retests; a lake without has none.

    Args:
        reader: open published file.
        of: contract-day.
        until_ns: moment that the screen shows; what is known later is left out. None hides nothing.
    """
    found = reader.remembered.get(("retests", of), lambda: _rows(reader, of, _RETESTS, "retests"))
    return [
        _hide_later_steps(row, until_ns)
        for row in found
        if until_ns is None or row["broken_window_end_ts_ns"] <= until_ns
    ]


def schema_sha256(reader: SurfaceReader, of: ContractDay, name: str, layout: str) -> str:
    """Return the hash of the columns and types of a surface."""
    known = reader.schema_hashes
    if (name, layout) not in known:
        schema = reader.read(name, layout, of, range(0, 0), 0).schema.remove_metadata()
        known[name, layout] = hashlib.sha256(schema.serialize()).hexdigest()
    return known[name, layout]


def _hide_future(row: Row, until_ns: int | None) -> Document:
    """Hide what an approach shows only at its end, and its outcome until the label has ended."""
    known_ns, last_ns = row.pop("label_end_ts_ns"), row["last_window_end_ts_ns"]
    is_under_way = until_ns is not None and last_ns > until_ns
    is_hidden = is_under_way or (
        until_ns is not None and known_ns is not None and known_ns > until_ns
    )
    return _with_texts(row) | {
        "touched": None if is_under_way else row["touched"],
        "outcome": None if is_hidden else row["outcome"],
        "outcome_hidden": is_hidden,
    }


def _hide_later_steps(row: Row, until_ns: int | None) -> Document:
    """Hide a retest until its second has ended, and the outcome until the label has.

    The ends are sent with what they hide: a screen that goes back in time hides it again.
    """
    back_ns, known_ns = row["retest_window_end_ts_ns"], row["label_end_ts_ns"]
    is_back = back_ns is not None and (until_ns is None or back_ns <= until_ns)
    is_hidden = until_ns is not None and known_ns > until_ns
    later = [
        *(() if is_back else ("retest_ts_ns", "retest_window_end_ts_ns", "turn_state")),
        *(("outcome", "label_end_ts_ns") if is_hidden else ()),
    ]
    return _with_texts(row) | dict.fromkeys(later) | {"outcome_hidden": is_hidden}


def _value(reader: SurfaceReader, of: ContractDay, relation: str, query: str, column: str) -> Any:
    """Return a value of the first row of a query, None without one."""
    return next((row[column] for row in _rows(reader, of, (relation,), query)), None)


def _rows(
    reader: SurfaceReader, of: ContractDay, relations: tuple[str, ...], query: str
) -> list[Row]:
    if not reader.relations.issuperset(relations):
        return []
    return reader.ask_rows(query, symbol=of.symbol, dt=of.day)


def _with_texts(row: Row) -> Document:
    """Return a row with its nanoseconds as texts."""
    return {name: _text(value) if name.endswith("_ns") else value for name, value in row.items()}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
