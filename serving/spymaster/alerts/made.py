"""Make an alert of an event: base rate, odds, support and verdict, as relations have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spymaster_ingest.units import PRICE_SCALE

from spymaster.alerts import sentences
from spymaster.alerts.alert import Alert, Support
from spymaster.alerts.happened import Happened
from spymaster.alerts.known import Known
from spymaster.levels.conditions import NOT_EVALUATED, state_of
from spymaster.levels.walls import FATES

Row = Mapping[str, Any]
Shares = dict[str, float]
_OUTCOMES = ("break", "reject", "chop")
# by the sign of dealers' gamma that an evaluation of gamma walls prefers
_SUPPORTED = ("long", "short")


def alert_of(happened: Happened, known: Known, min_approaches: int) -> Alert:
    """Return the alert of an event.

    Args:
        happened: the event.
        known: of the day.
        min_approaches: earlier approaches from which how they ended is a base rate.
    """
    rule, place = happened.rule, happened.place
    base, odds, support = _shares(happened, known, min_approaches)
    level_price_int, spot_int = place["level_price_int"], place["spot_ref_price_int"]
    values = {key: value for key, value in happened.measured.items() if key != "like_it"}
    distance = values.pop("distance_ticks", place["k_ticks"])
    return Alert(
        happened.at,
        known.symbol,
        rule.name,
        rule.kind,
        happened.event,
        happened.level_id,
        None if level_price_int is None else level_price_int / PRICE_SCALE,
        None if spot_int is None else spot_int / PRICE_SCALE,
        distance,
        base,
        odds,
        support,
        _verdict(happened, known),
        values,
        rule.sound,
        sentences.text(happened, known, base, odds, support),
    )


def _shares(
    happened: Happened, known: Known, min_approaches: int
) -> tuple[Shares | None, Shares | None, Support | None]:
    """Return base rate, odds and support."""
    kind = happened.rule.kind
    if kind == "wall":
        return _of_walls(happened.measured["like_it"])
    if kind == "gamma_wall":
        return _of_gamma_walls(known.gamma_walls)
    answer = happened.answer
    base = None if answer is None else _by_outcome(answer, "base")
    if answer is not None and base is not None:
        odds = _by_outcome(answer, "p")
        ok = answer["neighbors_ok"]
        return base, odds, Support("similar approaches", None, answer["n_eff"], ok)
    record = None
    if happened.course is not None:
        record = known.records.get((str(happened.level_id), happened.course["direction"]))
    if record is None or record["n_reached"] < min_approaches:
        return None, None, None
    n, n_break, n_reject = (record[f"n_{name}"] for name in ("reached", "break", "reject"))
    counts = (n_break, n_reject, n - n_break - n_reject)
    shares = {name: count / n for name, count in zip(_OUTCOMES, counts, strict=True)}
    return shares, None, Support("earlier approaches", n)


def _by_outcome(answer: Row, prefix: str) -> Shares | None:
    shares = {name: answer[f"{prefix}_{name}"] for name in _OUTCOMES}
    return None if None in shares.values() else shares


def _of_walls(row: Row) -> tuple[Shares | None, None, Support | None]:
    if row["support"] != "enough":
        return None, None, None
    shares = {name.removesuffix("_share"): row[name] for name in FATES}
    return shares, None, Support("walls like it", row["n_walls"])


def _of_gamma_walls(row: Row | None) -> tuple[Shares | None, Shares | None, Support | None]:
    if row is None:
        return None, None, None
    base, odds = (
        {name: row[f"{prefix}{name}_share"] for name in ("held", "broke")}
        for prefix in ("other_", "")
    )
    if None in (*base.values(), *odds.values()):
        return None, None, None
    return base, odds, Support("gamma walls", row["n_episodes"])


def _verdict(happened: Happened, known: Known) -> str:
    """Return what an evaluation says of the state, or of gamma walls."""
    if happened.rule.kind == "gamma_wall":
        row = known.gamma_walls
        sign = NOT_EVALUATED if row is None else row["preferred_sign"]
        return "supported" if sign in _SUPPORTED else sign
    if happened.conditions is None:
        return NOT_EVALUATED
    return known.claims.get(str(state_of(happened.conditions, happened.direction)), NOT_EVALUATED)
