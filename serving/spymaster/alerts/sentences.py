"""An alert in one line of plain words, from the sentences that the levels and the card have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spymaster_ingest.units import PRICE_SCALE

from spymaster.alerts.alert import Support
from spymaster.alerts.happened import Happened
from spymaster.alerts.known import Known
from spymaster.card.sentences import record_sentence, whole_percents
from spymaster.levels.conditions import NOT_EVALUATED, NOT_SHOWN, signature_sentence
from spymaster.levels.sentences import count_ticks, price_action_sentence
from spymaster.levels.walls import fates_sentence, gamma_wall_sentence

Row = Mapping[str, Any]
NO_BASE_RATE = f"base rate {NOT_EVALUATED}"
_OUTCOMES = {"break": "break", "reject": "turn back", "chop": "neither"}
# states of which the hypothesis has no sentence
_NO_SENTENCE = {
    "behind_only": "only the side behind withdraws",
    "partial": "some orders withdraw, but no side as a whole",
    "none": "no orders withdraw",
}
_SIDES = {"A": "asks", "B": "bids"}
_FATES = {
    "appears": "a wall of {contracts:,} {side} stands at {price:.10g}, {ratio:.1f} times the usual",
    "pulled": "the wall of {contracts:,} {side} at {price:.10g} is pulled",
    "eaten": "the wall of {contracts:,} {side} at {price:.10g} is eaten",
}


def text(
    happened: Happened,
    known: Known,
    base: Mapping[str, float] | None,
    odds: Mapping[str, float] | None,
    support: Support | None,
) -> str:
    """Return the line of an alert: when, where price stands, what happened, and what it is worth.

    Args:
        happened: the event.
        known: of the day.
        base: usual shares by outcome; None where they are not known.
        odds: shares by outcome here and now; None where they are not known.
        support: what these shares rest on; None without a base rate.
    """
    at = f"{known.clock.time(happened.at)} {known.clock.city}"
    if happened.rule.kind == "gamma_wall":
        worth = gamma_wall_sentence(known.gamma_walls) if base else NO_BASE_RATE
        return _joined(f"{at} {known.symbol}: {_gamma_wall(happened)}", worth)
    facts = {**happened.place, "level_id": happened.level_id}
    stacked = happened.place["stacked_with"]
    place = price_action_sentence(
        known.symbol, facts, None if happened.course is None else dict(happened.course)
    )
    if happened.rule.kind == "wall":
        worth = fates_sentence(happened.measured["like_it"]) if base else NO_BASE_RATE
    else:
        worth = _worth(happened, known, base, odds, support)
    return _joined(
        f"{at} {place}" + (f" (with {', '.join(stacked)})" if stacked else ""),
        _what(happened),
        worth,
        _state(happened, known),
    )


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _worth(
    happened: Happened,
    known: Known,
    base: Mapping[str, float] | None,
    odds: Mapping[str, float] | None,
    support: Support | None,
) -> str:
    """Return base rate, odds and support of what follows at a level."""
    if base is None or support is None:
        return NO_BASE_RATE
    if support.of == "earlier approaches":
        key = (str(happened.level_id), str(happened.direction))
        return record_sentence(known.records[key], known.placebos.get(key[0]))
    usual = whole_percents([base[name] for name in _OUTCOMES])
    if odds is None:
        shares = ", ".join(
            f"{word} {share}" for word, share in zip(_OUTCOMES.values(), usual, strict=True)
        )
        return f"usually {shares}; no odds now: too few approaches like it, or none alike"
    here = whole_percents([odds[name] for name in _OUTCOMES])
    shares = ", ".join(
        f"{word} {share} (usually {often})"
        for word, share, often in zip(_OUTCOMES.values(), here, usual, strict=True)
    )
    n_eff = NOT_SHOWN if support.n_eff is None else f"{support.n_eff:.0f}"
    return f"{shares}, worth {n_eff} independent approaches"


def _what(happened: Happened) -> str:
    """Return what happened besides the place of price; empty where that is all."""
    row, kind = happened.measured, happened.rule.kind
    if kind == "held" and row["state"] in _NO_SENTENCE:
        return f"{_NO_SENTENCE[row['state']]} for {row['held_s']} s"
    if kind == "score":
        return _score(row)
    if kind == "signal":
        side = "" if row["signal"] == "NONE" else f" {row['signal']}"
        return f"signal {row['signal_state']}{side}"
    if kind == "wall":
        return _FATES[happened.event].format(
            contracts=row["contracts"],
            side=_SIDES[row["side"]],
            price=row["wall_price"],
            ratio=row["wall_ratio"],
        )
    if kind == "iceberg":
        return f"an iceberg: {row['contracts']:,} contracts that were not displayed"
    return ""


def _state(happened: Happened, known: Known) -> str:
    """Return what the four conditions mean by the hypothesis, for how long, and the verdict."""
    said = signature_sentence(happened.conditions, happened.direction, known.claims)
    row = happened.measured
    if happened.rule.kind == "held" and row["state"] not in _NO_SENTENCE:
        return f"held {row['held_s']} s: {said}"
    return said


def _score(row: Row) -> str:
    score = NOT_SHOWN if row["score"] is None else f"{row['score']:.0f}"
    way = f" {row['implied_dir'].lower()}" if row["implied_dir"] else ""
    confidence = f", confidence {row['confidence']}" if row["confidence"] else ""
    return f"break score {score}, {row['signal'] or NOT_SHOWN}{way}{confidence} (a rule of thumb)"


def _gamma_wall(happened: Happened) -> str:
    row = happened.measured
    ticks, spot_int = row["distance_ticks"], happened.place["spot_ref_price_int"]
    where = f"{count_ticks(abs(ticks))} {'above' if ticks > 0 else 'below'} spot" if ticks else "at"
    spot = NOT_SHOWN if spot_int is None else f"{spot_int / PRICE_SCALE:.10g}"
    return f"{row['side']} wall {row['wall_price']:.10g}, {where} {spot}"
