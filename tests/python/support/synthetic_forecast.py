"""Approaches with their visible features before resolution, and a trained forecaster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, load_product
from spymaster_ingest.synthetic.contract_days import day_pieces
from spymaster_ingest.synthetic.market_arrays import BREAK, CHOP
from spymaster_ingest.synthetic.signature_densities import signature_excesses

from support.synthetic_book import DAY

MARKET = SyntheticMarket(load_product("ES"))
# The study window of a whole day, and nothing after it.
STUDY = SessionPlan(hours=3.08, evening_seconds=0, tail_seconds=0)

_FOLDS = 5
_ROW_FEATURES = ("has_wall", "x0_ticks", "direction", "level")
_TIME_FEATURES = ("start_s", "phase_start_s", "phase_end_s")
_PLANTED_FEATURES = ("signature", "conditions", "gain")
_FLOW_SECONDS = (10, 60)


def approaches(market: SyntheticMarket, seeds: Iterable[int]) -> np.ndarray:
    """Return the approaches of days, APPROACH_ROW."""
    days = [day_pieces(replace(market, seed=seed), DAY) for seed in seeds]
    return np.concatenate([piece.approaches.copy() for day in days for piece in day])


def seen_before_resolution(
    market: SyntheticMarket, seeds: Iterable[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return approaches (APPROACH_ROW) and the truth until their decision (approaches, features).

    Features are the realised excesses, the approach itself, the state of the book at the
    decision and the flow of trades before it, ahead of the price and behind it.
    """
    rows, features = [], []
    for seed in seeds:
        pieces = [
            (p.approaches.copy(), p.seconds.copy())
            for p in day_pieces(replace(market, seed=seed), DAY)
        ]
        own = np.concatenate([piece[0] for piece in pieces])
        rows.append(own)
        features.append(seen_in(own, np.concatenate([piece[1] for piece in pieces])))
    return np.concatenate(rows), np.concatenate(features)


def seen_in(rows: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the features of approaches of a day (APPROACH_ROW) from its seconds (SECOND_ROW)."""
    last = rows["decision_s"] - 1
    up = rows["direction"] > 0

    def oriented(bid: np.ndarray, ask: np.ndarray) -> list[np.ndarray]:
        return [np.where(up, ask, bid), np.where(up, bid, ask)]

    columns = [
        signature_excesses(rows),
        *(rows[name] for name in (*_ROW_FEATURES, *_TIME_FEATURES)),
    ]
    for ending in ("best_{}_qty", "{}_depth_total", "{}_order_count"):
        bid, ask = (seconds[ending.format(side)][last] for side in ("bid", "ask"))
        columns += oriented(bid, ask)
    for length in _FLOW_SECONDS:
        first = last - length
        summed = {
            name: np.cumsum(seconds[name])
            for name in ("trade_qty_buy", "trade_qty_sell", "n_records", "trade_count")
        }
        flows = {name: total[last] - total[first] for name, total in summed.items()}
        columns += oriented(flows["trade_qty_sell"], flows["trade_qty_buy"])
        columns += [flows["n_records"], flows["trade_count"]]
        columns.append(rows["direction"] * (seconds["spot"][last] - seconds["spot"][first]))
    return np.column_stack(columns).astype(np.float64)


def planted_in(rows: np.ndarray) -> np.ndarray:
    """Return the generator's hidden features of approaches: shape (approaches, 3)."""
    return np.column_stack([rows[name] for name in _PLANTED_FEATURES]).astype(np.float64)


def forecast(features: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return chances of every class of outcome, shape (rows, classes), each row held out."""
    model = HistGradientBoostingClassifier(
        max_iter=40, max_depth=2, early_stopping=False, random_state=0
    )
    folds = StratifiedKFold(_FOLDS)
    return cross_val_predict(model, features, outcome, cv=folds, method="predict_proba", n_jobs=1)


def break_or_reject_auc(features: np.ndarray, outcome: np.ndarray) -> float:
    """Return the area under the curve of a held-out forecast of BREAK against REJECT."""
    is_resolved = outcome < CHOP
    is_break = outcome[is_resolved] == BREAK
    return float(roc_auc_score(is_break, forecast(features[is_resolved], is_break)[:, 1]))


def chances_auc(chances: np.ndarray, outcome: np.ndarray) -> float:
    """Return the area under the curve of given chances of BREAK against REJECT."""
    is_resolved = outcome < CHOP
    return float(
        roc_auc_score(outcome[is_resolved] == BREAK, (chances[:, 0] / chances[:, 1])[is_resolved])
    )
